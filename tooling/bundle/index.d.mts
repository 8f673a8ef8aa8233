import type { InputOptions } from "rolldown"

/**
 * What all programs are bundled with: the sources of the workspace's packages instead of what was built from them, and
 * `KEYSWEEP_VERSION` from the program's own package.
 *
 * `config` is the address of the program's configuration file, `executable` the file in the output folder that people
 * start. With `notices` the output says under which licences its parts stand, in `THIRD-PARTY-NOTICES.txt`.
 */
export declare const program: (
  config: string,
  options?: { readonly executable?: string; readonly notices?: boolean }
) => InputOptions
