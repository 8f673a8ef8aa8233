/**
 * The runtime of GitHub Actions, to start programs with; `undefined` where npm has none for the machine.
 *
 * It has a package of its own because it brings a command `node`, which the scripts of the package that depends on it find
 * before the Node of the machine.
 */
export declare const node24: string | undefined
