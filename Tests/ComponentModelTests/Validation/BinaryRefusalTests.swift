import ComponentModel
import Testing

/// Bytes that no component consists of: what the message says, and which byte it names.
@Suite struct BinaryRefusalTests {
    private static let numbers: [Refusal] = [
        Refusal(section: 7, [0x01, 0x70], "unexpected end-of-file", at: 12),
        Refusal(section: 8, [0x01, 0x00], "unexpected end-of-file", at: 12),
        Refusal(file: Refusal.preamble + [0x07, 0x05, 0x00], "unexpected end-of-file", at: 10),
        Refusal(
            file: Refusal.preamble + [0x07, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], "integer representation too long",
            at: 13),
        Refusal(file: Refusal.preamble + [0x07, 0x80, 0x80, 0x80, 0x80, 0x10], "integer too large", at: 13),
        Refusal(
            section: 7, [0x01, 0x70, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], "integer representation too long", at: 16),
        Refusal(section: 7, [0x01, 0x70, 0x80, 0x80, 0x80, 0x80, 0x20], "integer too large", at: 16),
        Refusal(section: 3, Self.memory + Self.zeros(9) + [0x02], "integer too large", at: 27),
        Refusal(section: 3, Self.memory + Self.zeros(10) + [0x00], "integer representation too long", at: 27),
        Refusal(section: 8, [0x01, 0x06, 0x02], "invalid boolean value 0x2 for subtask.cancel", at: 12),
        Refusal(section: 7, [0x05], "unexpected end-of-file: 5 elements do not fit into the section", at: 10),
        Refusal(section: 7, [0x00, 0x00], "section 7 is longer than its contents", at: 11),
    ]

    /// A module type that imports a memory, up to its smallest size.
    private static let memory: [UInt8] = [0x01, 0x50, 0x01, 0x00, 0x00, 0x00, 0x02, 0x00]

    /// Bytes of a number that goes on.
    private static func zeros(_ count: Int) -> [UInt8] { Array(repeating: 0x80, count: count) }

    private static let names: [Refusal] = [
        Refusal(section: 10, [0x01, 0x00, 0x05], "a name runs past the end of the section", at: 13),
        Refusal(
            section: 10, [0x01, 0x00] + leb128(100_001) + Array(repeating: 0x61, count: 100_001),
            "name of 100001 bytes is too long", at: nil),
        Refusal(section: 10, [0x01, 0x00, 0x01, 0xff], "malformed UTF-8 encoding", at: 13),
        Refusal(section: 0, [0x01, 0xff], "malformed UTF-8 encoding", at: 11),
        Refusal(section: 10, [0x01, 0x03], "(0x3) for component name", at: 11),
        Refusal(section: 10, [0x01, 0x00, 0x01, 0x41 - 1, 0x01, 0x00], "not a valid extern name", at: 11, .invalid),
        Refusal(section: 10, [0x01, 0x02, 0x01, 0x61, 0x01, 0x03], "(0x3) for name option", at: 15),
        Refusal(
            section: 10, [0x01, 0x02, 0x01, 0x61, 0x02, 0x00, 0x00, 0x00, 0x00],
            "duplicate 'implements' option in name", at: 17, .invalid),
        Refusal(
            section: 10, [0x01, 0x02, 0x01, 0x61, 0x02, 0x01, 0x00, 0x01, 0x00],
            "duplicate 'versionsuffix' option in name", at: 17, .invalid),
        Refusal(
            section: 10, [0x01, 0x02, 0x01, 0x61, 0x02, 0x02, 0x00, 0x02, 0x00],
            "duplicate 'external-id' option in name", at: 17, .invalid),
    ]

    private static let sections: [Refusal] = [
        Refusal(file: [], "magic header not detected", at: 0),
        Refusal(file: [0x00, 0x61, 0x73], "magic header not detected", at: 0),
        Refusal(file: Array("<!DOCTYPE".utf8), "magic header not detected", at: 0),
        Refusal(file: Array(Refusal.preamble[..<6]), "unexpected end-of-file", at: 4),
        Refusal(file: Refusal.modulePreamble, "expected a version header for a component", at: 0),
        Refusal(
            file: [0x00, 0x61, 0x73, 0x6d, 0x0e, 0x00, 0x01, 0x00], "unknown binary version of the component format",
            at: 4),
        Refusal(section: 4, Refusal.modulePreamble, "expected a version header for a component", at: 10),
        Refusal(section: 1, Refusal.preamble, "expected a version header for a module", at: 10),
        Refusal(section: 13, [], "malformed section id: 13", at: 8),
        Refusal(section: 9, [0x00, 0x00], "unexpected end-of-file", at: 12),
        Refusal(section: 9, [0x00, 0x00, 0x00, 0x00], "section 9 is longer than its contents", at: 13),
        Refusal(section: 8, [0x01, 0x40, 0x00], "'thread.spawn-ref' of the proposal", at: 11, .unsupported),
        Refusal(section: 8, [0x01, 0x41, 0x00, 0x00], "'thread.spawn-indirect' of the proposal", at: 11, .unsupported),
        Refusal(section: 8, [0x01, 0x42], "'thread.available-parallelism' of the", at: 11, .unsupported),
        Refusal(section: 12, [0x01, 0x7d, 0x02, 0x00], "unexpected end-of-file", at: 13),
        Refusal(section: 12, [0x00, 0x00], "section 12 is longer than its contents", at: 11),
    ]

    private static let instances: [Refusal] = [
        Refusal(
            section: 2, [0x01, 0x00, 0x00, 0x01, 0x01, 0x61, 0x13, 0x00], "(0x13) for instantiation arg kind", at: 16),
        Refusal(section: 2, [0x01, 0x02], "(0x2) for core instance", at: 11),
        Refusal(section: 2, [0x01, 0x01, 0x01, 0x01, 0x61, 0x05, 0x00], "(0x5) for external kind", at: 15),
        Refusal(
            section: 2, [0x01, 0x01, 0x01, 0x01, 0x61, 0x10, 0x00], "a core instance cannot export a core type", at: 11,
            .invalid),
        Refusal(section: 5, [0x01, 0x02], "(0x2) for instance", at: 11),
        Refusal(section: 6, [0x01, 0x06, 0x00, 0x00, 0x00], "(0x6) for component external kind", at: 11),
        Refusal(section: 6, [0x01, 0x00, 0x00, 0x00, 0x00, 0x00], "(0x0) for component external kind", at: 12),
        Refusal(section: 6, [0x01, 0x01, 0x01, 0x00, 0x00], "(0x1) for core alias kind", at: 11),
        Refusal(section: 6, [0x01, 0x00, 0x10, 0x01, 0x00, 0x00], "(0x10) for core alias kind", at: 12),
        Refusal(section: 6, [0x01, 0x00, 0x00, 0x02, 0x00, 0x00], "(0x0) for component outer alias kind", at: 12),
        Refusal(section: 6, [0x01, 0x01, 0x02, 0x00, 0x00], "(0x1) for component outer alias kind", at: 11),
        Refusal(section: 6, [0x01, 0x03, 0x09], "(0x9) for alias", at: 12),
    ]

    private static let externs: [Refusal] = [
        Refusal(section: 11, [0x01, 0x00, 0x01, 0x61, 0x00, 0x00, 0x00, 0x00], "for component external kind", at: 15),
        Refusal(section: 11, [0x01, 0x00, 0x01, 0x61, 0x06, 0x00, 0x00], "(0x6) for component external kind", at: 14),
        Refusal(section: 11, [0x01, 0x00, 0x01, 0x61, 0x01, 0x00, 0x02], "optional component export type", at: 16),
        Refusal(
            section: 11, [0x01, 0x00, 0x01, 0x61, 0x02, 0x00, 0x00], "unknown value 0: value index out of bounds",
            at: 11, .invalid),
        Refusal(section: 10, [0x01, 0x00, 0x01, 0x61, 0x00, 0x10], "(0x10) for component external kind", at: 15),
        Refusal(section: 10, [0x01, 0x00, 0x01, 0x61, 0x02, 0x00], "unexpected end-of-file", at: 16),
        Refusal(section: 10, [0x01, 0x00, 0x01, 0x61, 0x02, 0x01, 0x41], "unknown primitive type 0x41", at: 16),
        Refusal(section: 10, [0x01, 0x00, 0x01, 0x61, 0x02, 0x00, 0x00], "unknown value 0", at: 11, .invalid),
        Refusal(section: 10, [0x01, 0x00, 0x01, 0x61, 0x03, 0x02], "(0x2) for type bound", at: 15),
        Refusal(section: 10, [0x01, 0x00, 0x01, 0x61, 0x06], "(0x6) for component external kind", at: 14),
    ]

    private static let types: [Refusal] = [
        Refusal(section: 7, [0x02, 0x70, 0x7f], "unexpected end-of-file", at: 13),
        Refusal(section: 7, [0x01, 0x3f, 0x7d, 0x00], "a resource is represented by i32 or i64", at: 12),
        Refusal(section: 7, [0x01, 0x3f, 0x7f, 0x02], "(0x2) for optional component value type", at: 13),
        Refusal(section: 7, [0x01, 0x40, 0x00, 0x02], "(0x2) for component function results", at: 13),
        Refusal(section: 7, [0x01, 0x40, 0x00, 0x01, 0x01], "(0x1) for number of results", at: 14),
        Refusal(section: 7, [0x01, 0x72, 0x01, 0x00, 0x7f], "record field name cannot be empty", at: 13, .invalid),
        Refusal(section: 7, [0x01, 0x70, 0x55], "unknown primitive type 0x55", at: 12),
        Refusal(section: 7, [0x01, 0x70, 0xff, 0x7f], "unknown value type", at: 12),
        Refusal(section: 7, [0x01, 0x72, 0x00], "record type must have at least one field", at: 11, .invalid),
        Refusal(section: 7, [0x01, 0x71, 0x00], "variant type must have at least one case", at: 11, .invalid),
        Refusal(section: 7, [0x01, 0x6f, 0x00], "tuple type must have at least one type", at: 11, .invalid),
        Refusal(section: 7, [0x01, 0x6e, 0x00], "flags must have at least one entry", at: 11, .invalid),
        Refusal(section: 7, [0x01, 0x6d, 0x00], "enum type must have at least one variant", at: 11, .invalid),
        Refusal(
            section: 7, [0x01, 0x67, 0x7d, 0x00], "fixed-length lists must have at least one element", at: 11,
            .invalid),
        Refusal(section: 7, [0x01, 0x4f], "(0x4f) for component defined type", at: 11),
        Refusal(section: 7, [0x01, 0x71, 0x01, 0x01, 0x61, 0x00, 0x01], "(0x1) for zero byte required", at: 16),
        Refusal(
            section: 7, [0x01, 0x42, 0x01, 0x01, 0x3f, 0x7f, 0x00],
            "resources can only be defined within a concrete component", at: 13, .invalid),
        Refusal(section: 7, [0x01, 0x42, 0x01, 0x03], "(0x3) for component or instance type declaration", at: 13),
        Refusal(section: 7, [0x01, 0x41, 0x01, 0x05], "(0x5) for component or instance type declaration", at: 13),
    ]

    private static let coreTypes: [Refusal] = [
        // A module type in a module type: read as a subtype, which has more to it.
        Refusal(section: 3, [0x01, 0x50, 0x01, 0x01, 0x50, 0x00], "unexpected end-of-file", at: 16),
        Refusal(section: 3, [0x01, 0x50, 0x01, 0x02, 0x11], "(0x11) for outer alias kind", at: 14),
        Refusal(section: 3, [0x01, 0x50, 0x01, 0x02, 0x10, 0x02], "(0x2) for outer alias target", at: 15),
        Refusal(section: 3, [0x01, 0x50, 0x01, 0x04], "(0x4) for type definition", at: 13),
        Refusal(
            section: 3, [0x01, 0x00, 0x50, 0x02, 0x00, 0x00, 0x60, 0x00, 0x00], "more than one supertype", at: 12),
        Refusal(section: 3, [0x01, 0x5d, 0x7f], "unknown continuation type", at: 12),
        Refusal(section: 3, [0x01, 0x5c], "(0x5c) for type definition", at: 11),
        Refusal(section: 3, [0x01, 0x5e, 0x7f, 0x02], "malformed mutability 0x2", at: 13),
        Refusal(section: 3, [0x01, 0x60, 0x01, 0x01, 0x00], "unknown core value type 0x1", at: 13),
        Refusal(section: 3, [0x01, 0x60, 0x01, 0x65, 0x00], "unknown core value type 0x65", at: 13),
        Refusal(section: 3, [0x01, 0x60, 0x01, 0x63, 0x65, 0x00], "unknown core heap type 0x0", at: 14),
        Refusal(section: 3, [0x01, 0x60, 0x01, 0x63, 0x40], "unknown core heap type 0x40", at: 14),
        Refusal(section: 3, [0x01, 0x60, 0x01, 0x63, 0x80, 0x7f], "unknown core heap type", at: 14),
        Refusal(section: 3, Self.declaredImport + [0x05], "(0x5) for external kind", at: 16),
        Refusal(section: 3, Self.declaredImport + [0x04, 0x01, 0x00], "invalid tag attributes", at: 17),
        Refusal(section: 3, Self.declaredImport + [0x03, 0x7f, 0x04], "malformed mutability 0x4", at: 18),
        Refusal(section: 3, Self.declaredImport + [0x01, 0x70, 0x08], "unknown limits flags 0x8", at: 18),
        Refusal(section: 3, Self.declaredImport + [0x02, 0x10], "unknown limits flags 0x10", at: 17),
    ]

    /// A module type that imports something, up to its kind.
    private static let declaredImport: [UInt8] = [0x01, 0x50, 0x01, 0x00, 0x00, 0x00]

    private static let canonicalFunctions: [Refusal] = [
        Refusal(section: 8, [0x01, 0x00, 0x01], "(0x1) for canonical function lift", at: 12),
        Refusal(section: 8, [0x01, 0x01, 0x01], "(0x1) for canonical function lower", at: 12),
        Refusal(section: 8, [0x01, 0x7f], "(0x7f) for canonical function", at: 11),
        Refusal(section: 8, [0x01, 0x01, 0x00, 0x00, 0x01, 0x0a], "(0xa) for canonical option", at: 15),
        Refusal(
            section: 8, Self.lower(0x00, 0x01), "option `utf8` conflicts with option `utf16`", at: 16, .invalid),
        Refusal(
            section: 8, Self.lower(0x02, 0x00), "option `latin1-utf16` conflicts with option `utf8`", at: 16, .invalid),
        Refusal(section: 8, Self.lower(0x06, 0x06), "`async` is specified more than once", at: 16, .invalid),
        Refusal(section: 8, Self.lower(0x09, 0x09), "`gc` is specified more than once", at: 16, .invalid),
        Refusal(section: 8, Self.twice(0x03), "`memory` is specified more than once", at: 17, .invalid),
        Refusal(section: 8, Self.twice(0x04), "`realloc` is specified more than once", at: 17, .invalid),
        Refusal(section: 8, Self.twice(0x05), "`post-return` is specified more than once", at: 17, .invalid),
        Refusal(section: 8, Self.twice(0x07), "`callback` is specified more than once", at: 17, .invalid),
        Refusal(section: 8, Self.twice(0x08), "`core-type` is specified more than once", at: 17, .invalid),
    ]

    private static func lower(_ one: UInt8, _ other: UInt8) -> [UInt8] { [0x01, 0x01, 0x00, 0x00, 0x02, one, other] }
    private static func twice(_ option: UInt8) -> [UInt8] {
        [0x01, 0x01, 0x00, 0x00, 0x02, option, 0x00, option, 0x00]
    }

    @Test(
        arguments: Self.numbers + Self.names + Self.sections + Self.instances + Self.externs + Self.types
            + Self.coreTypes + Self.canonicalFunctions)
    func otherBytesAreRefused(_ refusal: Refusal) throws {
        try refusal.check()
    }

    /// Core modules in the component: only what validation reads of them.
    @Test(
        arguments: [
            ([0x01, 0x05, 0x01, 0x60, 0x01, 0x00, 0x00], "unknown core value type 0x0", 23),
            ([0x01, 0x07, 0x01, 0x60, 0x01, 0x64, 0x05, 0x00], "unexpected end-of-file", 20),
            ([0x01, 0x06, 0x01, 0x60, 0x01, 0x64, 0x05, 0x00], "unknown type 5: type index out of bounds", 21),
            ([0x02, 0x05, 0x01, 0x00, 0x00, 0x00, 0x07], "unknown type 7: type index out of bounds", 23),
            ([0x03, 0x02, 0x01, 0x09, 0x07, 0x04, 0x01, 0x00, 0x00, 0x00], "unknown type 9", 26),
            ([0x07, 0x04, 0x01, 0x00, 0x00, 0x09], "unknown function 9: function index out of bounds", 22),
            ([0x07, 0x04, 0x01, 0x00, 0x01, 0x09], "unknown table 9: table index out of bounds", 22),
            ([0x07, 0x04, 0x01, 0x00, 0x02, 0x09], "unknown memory 9: memory index out of bounds", 22),
            ([0x07, 0x04, 0x01, 0x00, 0x03, 0x09], "unknown global 9: global index out of bounds", 22),
            ([0x07, 0x04, 0x01, 0x00, 0x04, 0x09], "unknown tag 9: tag index out of bounds", 22),
            ([0x07, 0x04, 0x01, 0x00, 0x05, 0x00], "invalid leading byte (0x5) for external kind", 22),
            (
                [0x05, 0x03, 0x01, 0x00, 0x00, 0x07, 0x07, 0x02, 0x00, 0x02, 0x00, 0x00, 0x02, 0x00],
                "duplicate export name `` already defined", 30
            ),
            (
                [0x06, 0x06, 0x01, 0x7f, 0x00, 0x41, 0x00, 0x45, 0x07, 0x04, 0x01, 0x00, 0x03, 0x00],
                "constant expression required: it has instruction 0x45", 25
            ),
            (
                [0x06, 0x06, 0x01, 0x7b, 0x00, 0xfd, 0x0f, 0x0b, 0x07, 0x04, 0x01, 0x00, 0x03, 0x00],
                "constant expression required", 23
            ),
        ] as [([UInt8], String, Int)])
    func badModulesAreRefusedWhereTheyStand(sections: [UInt8], message: String, offset: Int) throws {
        // The module begins at byte 10, its first section at 18.
        let error = try #require(
            refusal(of: Refusal.file(section: 1, Refusal.modulePreamble + sections)), "not refused: \(message)")
        #expect(error.message.contains(message), "\(error)")
        #expect(error.offset == offset, "\(error)")
    }

    @Test func hugeModulesAreRefused() throws {
        let count = leb128(1_000_001)
        let section = count + Array(repeating: 0, count: 1_000_001)
        let error = refusal(
            of: Refusal.file(section: 1, Refusal.modulePreamble + [0x03] + leb128(section.count) + section))
        #expect(error?.kind == .unsupported)
        #expect(error?.message.contains("a core module of more than 1,000,000 items") == true)
    }

    @Test func hugeRecursionGroupsAreRefused() throws {
        // So many empty structures; each takes two bytes.
        var section = [0x01, 0x4e] + leb128(1_000_001)
        for _ in 0..<1_000_001 { section += [0x5f, 0x00] }
        let error = refusal(
            of: Refusal.file(section: 1, Refusal.modulePreamble + [0x01] + leb128(section.count) + section))
        #expect(error?.message.contains("1,000,000 types") == true, "\(String(describing: error))")
    }

    @Test func tooManyDefinitionsAreRefused() throws {
        let count = leb128(1_000_001)
        let types = Refusal.file(section: 7, count + Array(repeating: 0x7f, count: 1_000_001))
        let error = refusal(of: types)
        #expect(error?.kind == .unsupported)
        #expect(error?.message.contains("too large: definitions and labels exceed") == true)
    }

    /// What follows a custom section's name need not make sense.
    @Test(
        arguments: [
            [0x00], [0x02, 0x68, 0x69], [0x02, 0x68, 0x69, 0xff, 0xfe],
            [0x0e] + Array("component-name".utf8) + [0x01, 0x7f],
            [0x0e] + Array("component-name".utf8) + [0x01, 0x04, 0x00, 0x11, 0x01, 0xff],
        ] as [[UInt8]])
    func customSectionsAreIgnored(contents: [UInt8]) {
        let error = refusal(of: Refusal.file(section: 0, contents))
        #expect(error == nil, "\(String(describing: error))")
    }
}
