export { FakeClock } from "../../src/testing/fake_clock.ts";
