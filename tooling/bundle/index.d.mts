import type { InputOptions } from "rolldown"

/**
 * What all programs are bundled with: the sources of the workspace's packages instead of what was built from them, and
 * `KEYSWEEP_VERSION` from the program's own package.
 *
 * `config` is the address of the program's configuration file, `executable` the file in the output folder that people
 * start, `notices` the file beside the configuration that says under which licences the parts of the bundle stand.
 */
export declare const program: (
  config: string,
  options?: { readonly executable?: string; readonly notices?: string }
) => InputOptions
