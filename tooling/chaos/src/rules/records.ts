import type { Rule } from "../Checker.ts"
import { runsOf } from "../LogReading.ts"

/** I8: neither a secret, whole, nor anything that begins like one stands in a file. */
export const noSecretInFiles: Rule = ({ files, secrets }) =>
  files.flatMap(({ path, text }) =>
    secrets.some((secret) => text.includes(secret)) || /ek-(?:proxy|chaos)-/.test(text)
      ? [`${path} holds a secret`]
      : []
  )

/** I11: a plan begins one run. */
export const planUsedOnce: Rule = (scene) => {
  const plans = runsOf(scene).map(({ plan }) => plan)
  return [...new Set(plans)].flatMap((plan) => {
    const count = plans.filter((it) => it === plan).length
    return count > 1 ? [`plan ${plan.slice(0, 12)} began ${count} runs`] : []
  })
}

/** The chain is whole and signed to its end. */
export const logVerifies: Rule = ({ records, verification }) => {
  if (verification === null) return records.length === 0 ? [] : ["there are records without a log"]
  return verification.ok ? [] : [`record ${verification.seq}: ${verification.problem}, ${verification.detail}`]
}
