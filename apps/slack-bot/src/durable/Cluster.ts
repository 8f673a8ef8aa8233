import * as ClusterWorkflowEngine from "@effect/cluster/ClusterWorkflowEngine"
import { RunnerAddress } from "@effect/cluster/RunnerAddress"
import * as SingleRunner from "@effect/cluster/SingleRunner"
import { Layer, Option } from "effect"
import { hostname } from "node:os"

/** How long a server may be silent until another one takes over what it did. */
const deadAfter = "10 seconds"

/**
 * The servers of one bot as a cluster that meets in the database and nowhere else: no server listens for another one.
 * What a server does is kept there as messages; locks of its connection say which server does what, so one that is
 * stopped keeps its work until its connection ends, and one that died loses it.
 *
 * `port` is the one it listens on for Slack: with the machine's name it is the server's own name, so that one that is
 * started again goes on at once.
 */
export const layer = (port: number) =>
  ClusterWorkflowEngine.layer.pipe(
    Layer.provideMerge(
      SingleRunner.layer({
        runnerStorage: "sql",
        shardingConfig: {
          runnerAddress: Option.some(RunnerAddress.make({ host: hostname(), port: port === 0 ? process.pid : port })),
          // The same on every server, always.
          shardsPerGroup: 32,
          shardLockRefreshInterval: "2 seconds",
          shardLockExpiration: deadAfter,
          refreshAssignmentsInterval: "1 second",
          entityMessagePollInterval: "1 second",
          entityTerminationTimeout: "30 seconds",
          simulateRemoteSerialization: false
        }
      })
    )
  )
