import { NodeHttpClient } from "@effect/platform-node"
import { Operator } from "@keysweep/audit/Actor"
import { Confirmation } from "@keysweep/revocation/Confirmation"
import { Progress } from "@keysweep/revocation/Progress"
import { Replacements } from "@keysweep/revocation/replace/Replacements"
import { Settings } from "@keysweep/revocation/Settings"
import { Sweep } from "@keysweep/revocation/Sweep"
import * as SweepFiles from "@keysweep/revocation/SweepFiles"
import { Effect, Layer, Schema } from "effect"
import { readFileSync } from "node:fs"
import { Job, Report } from "./Job.ts"
import { type Count, killing } from "./Kill.ts"
import { perform } from "./Performing.ts"
import type { Renewing } from "./Renewing.ts"
import { spending } from "./Spending.ts"

const job = Schema.decodeUnknownSync(Schema.parseJson(Job))(readFileSync(process.argv[2] ?? "", "utf8"))
const steps: Count = { append: 0, backup: 0, call: 0, sink: 0 }
const { httpClient, ports } = killing(job.kill, steps)

const surface = Layer.mergeAll(
  Settings.layerNone,
  Layer.succeed(Operator, { actor: { name: "os:chaos", authenticated: false }, surface: "library" }),
  Layer.succeed(Confirmation, {
    ask: (_plan, challenge) => Effect.succeed(challenge.kind === "phrase" ? challenge.phrase : "y")
  }),
  Layer.succeed(Progress, {
    report: (event) =>
      event._tag === "Waiting" && event.reason === "overlap" && job.spending !== null
        ? spending(job.url, job.spending)
        : Effect.void
  })
)
const files = SweepFiles.layer({
  account: {
    masterKey: job.apiKey,
    baseUrl: job.url,
    dialect: job.dialect,
    reserve: job.task._tag === "Panic" ? 0 : 1
  },
  home: job.home,
  userAgent: "keysweep/chaos"
})
/** What every surface builds, with the ports of log, backups, sinks and upstream wrapped. */
const product = Layer.mergeAll(Sweep.layer, Replacements.layer, Layer.context<Renewing>()).pipe(
  Layer.provide(ports),
  Layer.provide(files),
  Layer.provide(httpClient),
  Layer.provide(NodeHttpClient.layer),
  Layer.provide(surface)
)

process.stdout.write("began\n")
const report = await Effect.runPromise(Effect.provide(perform(job), product))
process.stdout.write(`${Schema.encodeSync(Schema.parseJson(Report))({ ...report, steps })}\n`)
