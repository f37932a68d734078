import { CircleCheck, CloudOff, FileVideo, Link2, Pause, Play, X } from 'lucide-preact';
import { Failure } from '../api/client.ts';
import { text } from '../text/en.ts';
import { IconButton } from '../ui/button.tsx';
import { Meter } from '../ui/parts.tsx';
import { bytesOf, lengthOf } from '../ui/time.ts';
import { attempt } from '../ui/toast.tsx';
import { cancel, type Intake, pause, retry } from './intake.ts';

/** A video on its way. */
export function IntakeRow({ intake }: { readonly intake: Intake }) {
  const { id, name, source, phase, sent, size, error } = intake;
  const t = text.jobs;
  const isFile = !('url' in source);
  const Icon =
    phase === 'away' ? CloudOff : phase === 'here' && isFile ? CircleCheck : isFile ? FileVideo : Link2;
  const sending = phase === 'sending' || phase === 'waiting' || phase === 'away';
  return (
    <li class="coming" data-phase={phase}>
      <Icon size={20} aria-hidden="true" />
      <div class="grow">
        <p class="cut">{name}</p>
        {isFile && phase !== 'here' && phase !== 'submitting' && (
          <Meter share={size > 0 ? sent / size : 0} label={t.upload(name)} />
        )}
        <p class="small soft">{about(intake)}</p>
        {error && (
          <p class="small wrong" role="alert">
            {error.message}{' '}
            <span class="code">{error instanceof Failure && error.status > 0 && error.code}</span>
          </p>
        )}
      </div>
      {isFile && sending && <IconButton small label={t.pause(name)} icon={Pause} onClick={() => pause(id)} />}
      {(phase === 'paused' || phase === 'refused') && (
        <IconButton small label={t.goOn(name)} icon={Play} onClick={() => retry(id)} />
      )}
      {phase !== 'submitting' && (
        <IconButton small label={t.cancelUpload(name)} icon={X} onClick={() => attempt(() => cancel(id))} />
      )}
    </li>
  );
}

/** How far it is, in words. */
function about({ source, phase, sent, size, rate, resumed }: Intake): string {
  const t = text.jobs;
  if ('url' in source) return phase === 'here' ? t.phases.address : t.phases[phase];
  if (phase === 'here') return `${t.phases.here} · ${bytesOf(size)}`;
  const parts = [
    t.phases[phase],
    t.bytes(bytesOf(sent), bytesOf(size)),
    rate !== undefined && rate > 0 && t.rate(bytesOf(rate)),
    rate !== undefined && rate > 0 && text.units.left(lengthOf((size - sent) / rate)),
    phase === 'sending' && resumed !== undefined && t.resumed(bytesOf(resumed)),
  ];
  return parts.filter(Boolean).join(' · ');
}
