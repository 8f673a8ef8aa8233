import { acting } from "./carry.ts"

export const enable = acting("enable", {
  about: "Switch disabled keys on again.",
  examples: ["keysweep enable --key ci-main"]
})
