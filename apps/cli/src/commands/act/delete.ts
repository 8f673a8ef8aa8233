import { acting } from "./carry.ts"

/** `delete` is a word of the language. */
export const deleteKeys = acting("delete", {
  about: "Delete keys for good, after a typed confirmation.",
  details: [
    "Shows the plan, asks for the exact phrase on the terminal, backs the settings up, deletes one key at a time within the rate limit, and proves the result with a fresh reading. A deleted key's value can never be made again.",
    "Without a terminal: keysweep plan delete, then keysweep apply FILE --confirm HASH."
  ],
  examples: ["keysweep delete --expired", "keysweep delete --name 'ci-old-*' --reason 'moved to the new runner'"]
})
