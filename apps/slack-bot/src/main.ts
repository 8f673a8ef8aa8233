import { main } from "./Program.ts"

main()
