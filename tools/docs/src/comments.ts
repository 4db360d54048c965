/** The comments at the declarations of a TypeScript source, as one line of text each. */
import ts from "typescript";

/** Comment by name, for every `const` at the top of `source`. */
export function constComments(source: string): ReadonlyMap<string, string> {
  const file = parse(source);
  const comments = new Map<string, string>();
  for (const statement of file.statements)
    if (ts.isVariableStatement(statement))
      for (const { name } of statement.declarationList.declarations)
        comments.set(name.getText(file), commentOf(statement));
  return comments;
}

/** Comment by key, in order, for the entries of `const name = { … }`. */
export function entryComments(source: string, name: string): ReadonlyMap<string, string> {
  const file = parse(source);
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const declaration of statement.declarationList.declarations) {
      if (declaration.name.getText(file) !== name || !declaration.initializer) continue;
      const { initializer } = declaration;
      const literal = ts.isAsExpression(initializer) ? initializer.expression : initializer;
      if (ts.isObjectLiteralExpression(literal))
        return new Map(
          literal.properties.map((each) => [each.name?.getText(file) ?? "", commentOf(each)]),
        );
    }
  }
  throw new Error(`there is no object ${name} to read`);
}

function parse(source: string): ts.SourceFile {
  return ts.createSourceFile("source.ts", source, ts.ScriptTarget.Latest, true);
}

function commentOf(node: ts.Node): string {
  return ts
    .getJSDocCommentsAndTags(node)
    .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? "")
    .join(" ")
    .replaceAll(/\s+/g, " ")
    .trim();
}
