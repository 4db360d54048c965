/**
 * Errors, which arrive with class, message, stack and cause as they do on Node's own channel.
 */
import type { CloneCase } from "./case.ts";
import { errorOf } from "./values.ts";

class CustomError extends Error {
  override name = "CustomError";
  code = "E_CUSTOM";
}

export const errorCases: readonly CloneCase[] = [
  {
    name: "errors of all classes",
    make: () =>
      [
        Error,
        EvalError,
        RangeError,
        ReferenceError,
        SyntaxError,
        TypeError,
        URIError,
        AggregateError,
      ].map((ErrorClass) =>
        errorOf(
          () =>
            Reflect.construct(
              ErrorClass as ErrorConstructor,
              ErrorClass === (AggregateError as unknown)
                ? [[new Error("inner")], "message"]
                : ["message"],
            ) as Error,
        ),
      ),
  },
  {
    name: "an error with causes",
    make: () =>
      errorOf(
        () =>
          new TypeError("outer", {
            cause: errorOf(() => new RangeError("inner", { cause: { reason: 5 } })),
          }),
      ),
  },
  {
    name: "an error with an undefined cause",
    make: () => errorOf(() => new Error("m", { cause: undefined })),
  },
  { name: "an error without message", make: () => errorOf(() => new Error()) },
  {
    name: "an error whose message is a number",
    make: () =>
      Object.assign(
        errorOf(() => new Error("m")),
        { message: 5 },
      ),
  },
  {
    name: "an error whose message is computed",
    make: () =>
      Object.defineProperty(
        errorOf(() => new Error("m")),
        "message",
        { get: () => "computed" },
      ),
  },
  {
    name: "an error without stack",
    make: () => {
      const error = new Error("m");
      delete error.stack;
      return error;
    },
  },
  {
    name: "an error whose stack is no text",
    make: () => Object.assign(new Error("m"), { stack: 5 }),
  },
  {
    name: "an error of a class, with a code",
    make: () => errorOf(() => new CustomError("custom")),
  },
  {
    name: "an error called TypeError",
    make: () =>
      Object.assign(
        errorOf(() => new Error("m")),
        { name: "TypeError" },
      ),
  },
];
