import { text } from '../text/en.ts';
import { Screen } from '../ui/parts.tsx';

export default function SystemScreen() {
  return <Screen title={text.app.system}>{null}</Screen>;
}
