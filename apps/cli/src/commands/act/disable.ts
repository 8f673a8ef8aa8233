import { acting } from "./carry.ts"

export const disable = acting("disable", {
  about: "Switch keys off. They can be enabled again.",
  examples: [
    "keysweep disable --key kf_2b7…",
    "keysweep disable --name 'contractor-*' --reason 'contract ended'",
    "keysweep disable --leaked",
    "keysweep disable --leaked-from trufflehog.jsonl"
  ]
})
