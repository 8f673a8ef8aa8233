/** The Node between the oldest that is supported and the newest, to start programs with; `undefined` where npm has none for the machine. */
export declare const node22: string | undefined
