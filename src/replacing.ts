/** The same object with some of its methods replaced. All others act on the object itself. */
export function replacing<Target extends object>(object: Target, methods: Partial<Target>): Target {
  return new Proxy(object, {
    get(target, key) {
      if (Object.hasOwn(methods, key)) return methods[key as keyof Target];
      const value = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
