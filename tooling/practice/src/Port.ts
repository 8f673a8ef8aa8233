/** Where a practice is found if nothing else is said. */
export const defaultPort = 4680
