import { text } from '../text/en.ts';
import { Screen } from '../ui/parts.tsx';

export default function ClipScreen() {
  return <Screen title={text.app.past}>{null}</Screen>;
}
