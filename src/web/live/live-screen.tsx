import { text } from '../text/en.ts';
import { Screen } from '../ui/parts.tsx';

export default function LiveScreen() {
  return <Screen title={text.app.live}>{null}</Screen>;
}
