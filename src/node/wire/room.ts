/** So much at most is held of the answers that are being read: those of a fleet come at the same time. */
const MAX_BYTES = 512 * 1024 * 1024;

/** Memory for answers, shared by all wires of the process. */
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

export const ROOM_FOR_ANSWERS = createRoom(MAX_BYTES);
