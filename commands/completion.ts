import { defineCommand } from '../src/cli/command.ts';
import { completionScript, SHELLS } from '../src/cli/completion.ts';
import { UsageError } from '../src/core/errors.ts';

export const command = defineCommand({
  name: 'completion',
  summary: 'Print a script that completes mcmp in a shell',
  description: 'Prints a script for bash, zsh or fish that completes the commands and options of mcmp.',
  positionals: { shell: { describe: SHELLS.join(', '), suggestions: SHELLS } },
  options: {},
  examples: [
    ['completion bash >> ~/.bashrc', 'for bash'],
    ['completion zsh > ~/.zfunc/_mcmp', 'for zsh, with ~/.zfunc in fpath'],
    ['completion fish > ~/.config/fish/completions/mcmp.fish', 'for fish'],
  ],
  async run({ json, out }, { shell }) {
    const known = SHELLS.find((name) => name === shell);
    if (known === undefined) {
      throw new UsageError(`no completion for the shell "${shell}"`, { hint: `There are: ${SHELLS.join(', ')}.` });
    }
    const script = completionScript(known);
    if (json) out.json({ schemaVersion: 1, shell: known, script });
    else out.write(script);
  },
});
