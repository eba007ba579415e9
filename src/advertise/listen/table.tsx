import type { ListenEvent } from './events.ts';
import type { ListenScreen } from './index.ts';
import { createLineShow } from './show.ts';

export function createTableShow(screen: ListenScreen): { readonly onEvent: (event: ListenEvent) => void } {
  return {
    onEvent: createLineShow(
      (text) => screen.line(text),
      (text) => screen.loud(text),
    ),
  };
}
