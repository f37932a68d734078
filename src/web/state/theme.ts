import { effect, signal } from '@preact/signals';

export type Theme = 'auto' | 'light' | 'dark';
const NAME = 'sidestream.theme';

const kept = localStorage.getItem(NAME);
export const theme = signal<Theme>(kept === 'light' || kept === 'dark' ? kept : 'auto');

effect(() => {
  if (theme.value === 'auto') {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem(NAME);
  } else {
    document.documentElement.dataset.theme = theme.value;
    localStorage.setItem(NAME, theme.value);
  }
});
