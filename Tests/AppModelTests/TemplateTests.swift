import AppModel
import Testing

@Suite struct TemplateTests {
    @Test(arguments: [
        ("", []),
        ("a", [.literal("a")]),
        ("a-{{ expr }}-b", [.literal("a-"), .variable("expr"), .literal("-b")]),
        ("{{ expr1 }}{{expr2}}", [.variable("expr1"), .variable("expr2")]),
        ("}} { {", [.literal("}} { {")]),
        ("{{{ a }}}", [.variable("{ a"), .literal("}")]),
        ("{{}}", [.variable("")]),
        ("{{\t x\n}}ä", [.variable("x"), .literal("ä")]),
    ] as [(String, [Template.Part])])
    func parses(text: String, parts: [Template.Part]) throws {
        #expect(try Template(text).parts == parts)
    }

    @Test func refusesOpenBraces() {
        #expect(throws: Template.ParseError.unclosed(occurrence: 1)) { try Template("{{ matched }} {{ unmatched") }
    }

    @Test func resolves() throws {
        let resolver = VariableResolver(
            variables: ["a": LockedVariable(default: "1"), "b": LockedVariable(default: "2"), "c": LockedVariable()],
            given: ["b": "given", "unknown": "x"],
            environment: ["SPIN_VARIABLE_B": "environment", "SPIN_VARIABLE_C": "environment"])
        #expect(try resolver.resolve(Template("{{ a }}-{{ b }}-{{ c }}")) == "1-given-environment")
        try resolver.checkRequired()
    }

    @Test func namesMissingVariables() throws {
        let resolver = VariableResolver(
            variables: ["token": LockedVariable(), "api_key": LockedVariable(secret: true)], given: [:])
        let error = #expect(throws: VariableResolver.MissingValues.self) { try resolver.checkRequired() }
        #expect(
            error?.description == """
                no value for the required variables `api_key`, `token`
                  hint: pass --variable api_key=VALUE, or set SPIN_VARIABLE_API_KEY
                """)
    }
}
