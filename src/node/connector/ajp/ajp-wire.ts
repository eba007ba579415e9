/** How a turn is not as it should be. */
export type AjpDistortion = 'no-reuse' | 'body-not-asked' | 'body-asked-twice';

/** What comes behind bytes that were said in place of an answer: the next request, or the end of the connection. */
export type AfterWords = 'next' | 'fin' | 'close';

/** What faults can do to a connection by AJP. */
export interface AjpWire {
  /** The most that a packet has. */
  readonly packetBytes: number;
  /**
   * Says bytes in place of what is left of the answer to the request at hand.
   * @param then `next`: the connection goes on; `fin`: only the balancer is read any more, and not understood; `close`: it ends
   */
  sayInstead(bytes: Buffer, then: AfterWords): void;
  /** The request at hand is answered, but in a wrong way. */
  distort(how: AjpDistortion): void;
}
