/** So much at most is held of messages and answers on their way: those of a fleet come at the same time. */
const MAX_BYTES = 512 * 1024 * 1024;

/** Memory for messages and answers, shared by all wires of the process. */
export interface Room {
  /** @returns whether there is room for so many bytes more; they count in any case, until they are given back */
  take(bytes: number): boolean;
  give(bytes: number): void;
}

/** @param maxBytes of all who share it */
export function createRoom(maxBytes: number): Room {
  let taken = 0;
  return {
    take(bytes) {
      taken += bytes;
      return taken <= maxBytes;
    },
    give(bytes) {
      taken -= bytes;
    },
  };
}

export const ROOM_OF_PROCESS = createRoom(MAX_BYTES);
