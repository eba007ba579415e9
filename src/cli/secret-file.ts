import { readFileSync } from 'node:fs';
import { UsageError } from '../core/errors.ts';

/** Far less than a packet of AJP, which carries it with each request. */
const MAX_BYTES = 1024;
const CODE = 'MCMP_BAD_SECRET';

/**
 * Reads the secret of AJP connectors from a file: its first line, without the line end. Spaces belong to it.
 *
 * @throws UsageError when the file cannot be read, or its first line is no secret; what it holds is never shown
 */
export function readAjpSecret(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`, {
      code: CODE,
      hint: "Name a file with the secret of the nodes' connectors in its first line, which the user that runs this program may read.",
      cause: error,
    });
  }
  const secret = (text.split('\n', 1)[0] ?? '').replace(/\r$/, '');
  const isLong = Buffer.byteLength(secret) > MAX_BYTES;
  if (secret !== '' && !isLong && !/\p{Cc}/u.test(secret)) return secret;
  throw new UsageError(
    `the first line of ${path} is no secret of AJP: it is ${isLong ? 'too long' : 'empty or not text'}`,
    {
      code: CODE,
      hint: `Write the secret of the nodes' connectors into its first line; it has at most ${MAX_BYTES} bytes.`,
    },
  );
}
