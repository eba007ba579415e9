/** What `mcmp drain` needs of the program around it. */
export interface DrainScreen {
  readonly json: boolean;
  /** Whether there is somebody to ask, at the terminal on stdin and stderr. */
  readonly interactive: boolean;
  line(text: string): void;
  document<Document extends { readonly schemaVersion: number }>(document: Document): void;
  /** A line that is written anew in place of the last one; undefined where stderr is no terminal. */
  readonly redraw: ((text: string) => void) | undefined;
  /** Takes that line away. */
  clear(): void;
  /** Asks, and resolves with what was typed; undefined when the question was withdrawn. */
  ask(question: string, withdrawn: AbortSignal): Promise<string | undefined>;
}
