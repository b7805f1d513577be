throw new RangeError("broken from the first line");
