import { text } from '../text/en.ts';
import { Screen } from '../ui/parts.tsx';

export default function AskScreen() {
  return <Screen title={text.app.ask}>{null}</Screen>;
}
