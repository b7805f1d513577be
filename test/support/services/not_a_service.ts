export default class Stranger {
  processEvent(): boolean {
    return true;
  }
}
