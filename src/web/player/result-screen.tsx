import { text } from '../text/en.ts';
import { Screen } from '../ui/parts.tsx';

export default function ResultScreen() {
  return <Screen title={text.app.jobs}>{null}</Screen>;
}
