import type { Server, Socket } from 'node:net';
import type { Clock } from '../clock.ts';
import { listen, portOf } from './listen.ts';

interface DoorOptions {
  readonly host: string;
  /** 0: any free one; after the first time the same again. */
  readonly port: number;
  readonly clock: Clock;
  readonly accept: (socket: Socket) => void;
  /** Asked at each look. */
  readonly shallBeOpen: () => boolean;
  /** Called when it was shut. */
  readonly onShut: () => void;
}

/** A listening port that can be shut and opened again. */
interface Door {
  readonly port: number;
  readonly isOpen: () => boolean;
  /** Opens or shuts, if it shall be otherwise than it is. */
  readonly look: () => void;
}

/** Somebody else may have taken the port while it was shut. */
const TRY_AGAIN_AFTER_MS = 200;

/** @throws McmpError `MCMP_LISTEN` when it cannot be opened for the first time, which also tells which port it is */
export async function openDoor(options: DoorOptions): Promise<Door> {
  const { host, clock, accept, shallBeOpen, onShut } = options;
  let server: Server | undefined = await listen(host, options.port, accept);
  const port = portOf(server);
  const never = new AbortController().signal;
  let isOpening = false;

  const open = async (): Promise<void> => {
    isOpening = true;
    while (shallBeOpen() && server === undefined) {
      const opened = await listen(host, port, accept).catch(() => undefined);
      if (opened === undefined) await clock.sleep(TRY_AGAIN_AFTER_MS, never);
      else server = opened;
    }
    isOpening = false;
    look();
  };

  const look = (): void => {
    if (isOpening || shallBeOpen() === (server !== undefined)) return;
    if (server === undefined) {
      void open();
      return;
    }
    server.close();
    server = undefined;
    onShut();
  };

  look();
  return { port, isOpen: () => server !== undefined, look };
}
