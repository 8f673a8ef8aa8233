import { assert, it } from "@effect/vitest"
import { createServer } from "node:http"
import { secretsOf, useWorlds } from "./World.ts"

const makeWorld = useWorlds()

it("I8: traces go where the usual variables say, with the spans of the procedure and no secret", async () => {
  const received: Array<{ readonly body: string; readonly authorization: string | undefined }> = []
  const collector = createServer((request, response) => {
    let body = ""
    request.on("data", (chunk) => (body += String(chunk)))
    request.on("end", () => {
      received.push({ body, authorization: request.headers.authorization })
      response.end("{}")
    })
  })
  await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve))
  const address = collector.address()
  const port = typeof address === "object" ? address?.port : 0
  const world = await makeWorld()
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}/`,
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20collector"
  }
  const [{ exit }, { exit: gone }] = await Promise.all([
    world.run(["list"], { env }),
    // A collector that is not there changes nothing.
    world.run(["list"], { env: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://127.0.0.1:9/v1/traces" } })
  ])
  collector.close()
  assert.deepStrictEqual([exit, gone], [0, 0])
  const said = received.map(({ body }) => body).join()
  for (const span of ["keysweep list", "KeyReader.list", "Transport.send"]) assert.include(said, `"${span}"`)
  assert.strictEqual(received[0]?.authorization, "Bearer collector")
  for (const secret of secretsOf(await world.state())) assert.notInclude(said, secret)
})
