import type { Row } from "./Row.ts"
import { againstLoop } from "./rows/againstLoop.ts"
import { appendGroup } from "./rows/appendGroup.ts"
import { appendOne } from "./rows/appendOne.ts"
import { fleet } from "./rows/fleet.ts"
import { requests } from "./rows/requests.ts"
import { scan } from "./rows/scan.ts"
import { slackAck } from "./rows/slackAck.ts"
import { slackRuns } from "./rows/slackRuns.ts"
import { startList } from "./rows/startList.ts"
import { startStep } from "./rows/startStep.ts"
import { startVersion } from "./rows/startVersion.ts"
import { timeToAct } from "./rows/timeToAct.ts"
import { verify } from "./rows/verify.ts"

/** In the order of the page. A new row is a file in `rows` and a line here. */
export const rows: ReadonlyArray<Row> = [
  timeToAct,
  againstLoop,
  requests,
  fleet,
  slackAck,
  slackRuns,
  startVersion,
  startList,
  startStep,
  appendOne,
  appendGroup,
  verify,
  scan
]
