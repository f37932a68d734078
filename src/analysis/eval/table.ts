import type { Evaluation } from '../evaluate.ts';

/** The figures as a table for people. */
export function evaluationTable({ objects, ...result }: Evaluation): string {
  const rows: [string, string][] = [
    ['mIoU', percent(result.miou)],
    ['pixel accuracy', percent(result.accuracy)],
    ['VC8', percent(result.vc8)],
    ['VC16', percent(result.vc16)],
    ['flicker', percent(result.flicker, 2)],
    ['frames', String(result.frames)],
    ['', ''],
    ['objects', number(objects.count)],
    ['object-seconds', number(objects.objectSeconds, 1)],
    ['ID switches', number(objects.idSwitches)],
    ['ID switches per object-second', number(objects.idSwitchesPerObjectSecond, 4)],
    ['IDF1', percent(objects.idf1)],
    ['IDP', percent(objects.idp)],
    ['IDR', percent(objects.idr)],
    ['HOTA', percent(objects.hota)],
    ['DetA', percent(objects.deta)],
    ['AssA', percent(objects.assa)],
    ['', ''],
    ...result.names.map(({ name, iou }): [string, string] => [`IoU ${name}`, percent(iou)]),
  ];
  const left = Math.max(...rows.map(([label]) => label.length));
  const right = Math.max(...rows.map(([, value]) => value.length));
  return rows.map(([label, value]) => `${label.padEnd(left)}  ${value.padStart(right)}`.trimEnd()).join('\n');
}

const number = (value: number, digits = 0): string => (Number.isNaN(value) ? '-' : value.toFixed(digits));
const percent = (part: number, digits = 1): string =>
  Number.isNaN(part) ? '-' : `${(part * 100).toFixed(digits)} %`;
