import type { DueReport } from "@keysweep/revocation/DueReport"
import { type Context, Duration, Effect, Metric, MetricBoundaries } from "effect"
import type { Bot } from "./Bot.ts"

const requests = Metric.counter("keysweep_slack_requests", {
  description: "Requests of Slack that were let in or turned away, by kind",
  incremental: true
})

const seconds = Metric.histogram(
  "keysweep_slack_request_seconds",
  MetricBoundaries.fromIterable([0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120]),
  "From a request of Slack to the end of what was done for it"
)

/** Plans that were carried out, refused or left to expire, by action and outcome. */
export const ended = (action: string, outcome: string): Effect.Effect<void> =>
  Metric.increment(Metric.tagged(Metric.tagged(plans, "action", action), "outcome", outcome))

const plans = Metric.counter("keysweep_slack_plans_ended", {
  description: "Plans that are over, by action and outcome",
  incremental: true
})

/** What came of a look at the soaking keys. */
export const lookedAtSoaks = ({ alarms, outcome, receipts }: DueReport): Effect.Effect<void> =>
  Effect.all(
    [
      Metric.increment(Metric.tagged(soakLooks, "outcome", outcome)),
      Metric.incrementBy(Metric.tagged(soakedKeys, "came", "missed"), alarms.length),
      Metric.incrementBy(
        Metric.tagged(soakedKeys, "came", "deleted"),
        receipts.flatMap(({ keys }) => keys.filter((key) => key.outcome === "done")).length
      )
    ],
    { discard: true }
  )

const soakLooks = Metric.counter("keysweep_soak_looks", {
  description: "Looks at the soaking keys, by what came of them",
  incremental: true
})
const soakedKeys = Metric.counter("keysweep_soaked_keys", {
  description: "Soaking keys that were deleted, or that somebody was seen to miss",
  incremental: true
})

/** The bot, with everything that it is asked for counted and timed. */
export const counted = (bot: Context.Tag.Service<Bot>): Context.Tag.Service<Bot> => {
  const count = (kind: string) => Metric.increment(Metric.tagged(requests, "kind", kind))
  const timed = <A, E, R>(kind: string, work: Effect.Effect<A, E, R>) =>
    Effect.zipRight(
      count(kind),
      Metric.trackDurationWith(work, Metric.tagged(seconds, "kind", kind), Duration.toSeconds)
    )
  return {
    command: (typed) => timed("command", bot.command(typed)),
    press: (pressed) => timed("press", bot.press(pressed)),
    submit: (sent) => timed("form", bot.submit(sent)),
    closed: bot.closed,
    search: (sought) => timed("search", bot.search(sought)),
    turnAway: (why) => Effect.zipRight(count("turned away"), bot.turnAway(why))
  }
}
