import ComponentModel
import Testing
import WasmEngine

/// Calls between components that were vulnerabilities of other hosts. Each test is named after its advisory;
/// `docs/design/advisories.md` lists all.
@Suite struct AdvisoryTests {
    private static let encodings = ["utf8", "utf16", "latin1+utf16"]

    /// What `run` came to: its result, a fault of the guest, or a trap of it.
    private enum Outcome: Equatable {
        case returned(UInt32)
        case fault
        case trap
    }

    private func outcome(_ composed: ComposedText, _ callerIs: String, _ calleeIs: String) throws -> Outcome {
        var composed = composed
        composed.callerEncoding = callerIs
        composed.calleeEncoding = calleeIs
        let component = try linked(composed.text)
        do {
            return .returned(try run(component))
        } catch WasmFailure.host(is GuestFault) {
            return .fault
        } catch WasmFailure.trap {
            return .trap
        }
    }

    /// A callee that returns the text that it was given, or what it is told to.
    private func echo(
        pointer: String = "(local.get $p)", length: String = "(local.get $n)", area: String = "16"
    ) -> ComposedText.Function {
        .init(
            name: "echo", type: #"(param "a" string) (result string)"#,
            core: "(param $p i32) (param $n i32) (result i32)",
            body: """
                (i32.store (i32.const 16) \(pointer))
                (i32.store (i32.const 20) \(length))
                (i32.const \(area))
                """, lowered: "(param i32 i32 i32)")
    }

    private func composed(
        _ callee: ComposedText.Function, pointer: String = "64", length: String = "3", data: String = ""
    ) -> ComposedText {
        var composed = ComposedText(
            [callee], run: "(call $echo (i32.const \(pointer)) (i32.const \(length)) (i32.const 16)) (i32.const 0)")
        composed.callerFields = #"(data (i32.const 64) "\#(data)")"#
        return composed
    }

    /// Pointers and lengths that lie outside of memory in every encoding; also those whose sum or whose length in bytes
    /// overflows 32 bits, and the tag of Latin-1 or UTF-16 on a length.
    private static let outside = [
        ("0", "65537"), ("65535", "2"), ("65536", "1"), ("-1", "1"), ("-1", "-1"), ("0", "-1"), ("0", "0x80010000"),
        ("0x7fffffff", "0x7fffffff"), ("2", "0x7fffffff"), ("0x80000000", "0x40000000"),
    ]

    /// RUSTSEC-2026-0091, -0092, -0093: text that one component passes to another, by pointers that do not hold.
    @Test(arguments: Self.encodings, Self.encodings)
    func rustsec_2026_0091_0092_0093_badTextOfTheCallerFaults(caller: String, callee: String) throws {
        for (pointer, length) in Self.outside {
            let composed = self.composed(self.echo(), pointer: pointer, length: length)
            #expect(try self.outcome(composed, caller, callee) == .fault, "\(pointer), \(length)")
        }
    }

    @Test(arguments: Self.encodings, Self.encodings)
    func rustsec_2026_0091_0092_0093_badTextOfTheCalleeFaults(caller: String, callee: String) throws {
        for (pointer, length) in Self.outside {
            let echo = self.echo(pointer: "(i32.const \(pointer))", length: "(i32.const \(length))")
            #expect(
                try self.outcome(self.composed(echo, length: "0"), caller, callee) == .fault, "\(pointer), \(length)")
        }
        for area in ["65532", "-4", "-1", "18", "65536"] {
            let composed = self.composed(self.echo(area: area), length: "0")
            #expect(try self.outcome(composed, caller, callee) == .fault, "result at \(area)")
        }
    }

    /// An allocator that gives memory that is not there, or not aligned, or moves a text that is being converted there.
    @Test(arguments: Self.encodings, Self.encodings)
    func rustsec_2026_0091_0092_0093_badAllocatorsFault(caller: String, callee: String) throws {
        let data = [
            "utf8": #"W\c3\a9\e6\97\a5"#, "utf16": #"W\00\e9\00\e5\65"#, "latin1+utf16": #"W\00\e9\00\e5\65"#,
        ]
        let length = ["utf8": "6", "utf16": "3", "latin1+utf16": "0x80000003"]
        for realloc in [
            "(i32.const 65534)", "(i32.const -2)", "(i32.const -1)", "(i32.const 65536)", "(i32.const 0x7ffffffe)",
        ] {
            var composed = self.composed(
                self.echo(pointer: "(i32.const 0)", length: "(i32.const 0)"), length: length[caller] ?? "",
                data: data[caller] ?? "")
            composed.calleeRealloc = realloc
            #expect(try self.outcome(composed, caller, callee) == .fault, "\(realloc)")
        }
        // Good once, bad when the text turns out to be longer or shorter: only some pairs ask again.
        for second in ["65534", "-2", "0", "2"] {
            var composed = self.composed(
                self.echo(pointer: "(i32.const 0)", length: "(i32.const 0)"), length: length[caller] ?? "",
                data: data[caller] ?? "")
            composed.calleeRealloc =
                "(select (i32.const \(second)) (i32.const 1024) (i32.or (local.get $old) (local.get $old-size)))"
            #expect(try [.fault, .returned(0)].contains(self.outcome(composed, caller, callee)), "\(second)")
        }
    }

    /// Whatever the bytes are, they arrive or they fault.
    @Test(arguments: Self.encodings, Self.encodings)
    func rustsec_2026_0091_0092_0093_randomTextArrivesOrFaults(caller: String, callee: String) throws {
        var state: UInt64 = 0x5EED
        func next(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        let units: [[UInt8]] = [
            [0x41], [0], [0xC3, 0xA9], [0xE6, 0x97, 0xA5], [0xF0, 0x9F, 0x98, 0x80], [0xD8], [0xDC], [0xFF],
            [0xC0, 0x80],
            [0xED, 0xA0, 0x80], [0x00, 0xD8], [0x00, 0xDC], [0x3D, 0xD8, 0x00, 0xDE], [0xE9, 0x00], [0x80],
        ]
        for round in 0..<12 {
            // Half of the texts are ASCII but for a piece, so that conversions get past their first block.
            let ascii = round % 2 == 0
            var bytes: [UInt8] = []
            while bytes.count < 80 { bytes += ascii && next(20) != 0 ? [0x41] : units[Int(next(UInt64(units.count)))] }
            let data = bytes.map { "\\" + String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
            let tag: UInt64 = caller == "latin1+utf16" && next(2) == 0 ? 0x8000_0000 : 0
            let composed = self.composed(
                self.echo(), pointer: "\(64 + next(4))", length: "\(next(70) | tag)", data: data)
            #expect(try [.fault, .returned(0)].contains(self.outcome(composed, caller, callee)), "\(data)")
        }
    }

    /// RUSTSEC-2026-0085: cases that there are not, passed and returned, flat and in memory. Flags beyond the type's are
    /// cut off (`excessFlagsAreCutOff`).
    @Test(
        arguments: [
            (#"(enum "a" "b" "c")"#, 3), ("(option u8)", 2), ("(result u8)", 2),
            (#"(variant (case "a" u8) (case "b") (case "c" u8))"#, 3),
        ] as [(String, UInt32)],
        [0, 1, 253] as [UInt32])
    func rustsec_2026_0085_discriminantsOutOfRangeFault(of type: (String, UInt32), excess: UInt32) throws {
        let (definition, cases) = type
        let value = cases + excess
        // Returned in memory, inside of a list.
        var returned = ComposedText(
            [
                .init(
                    name: "f", type: "(result (list $named))", core: "(result i32)",
                    body: """
                        (i32.store8 (i32.const 64) (i32.const \(min(value, 255))))
                        (i32.store (i32.const 16) (i32.const 64)) (i32.store (i32.const 20) (i32.const 1))
                        (i32.const 16)
                        """, lowered: "(param i32)")
            ], run: "(call $f (i32.const 16)) (i32.const 0)")
        returned.named = definition
        #expect(try self.outcome(returned, "utf8", "utf8") == .fault)
        guard definition.hasPrefix("(enum") else { return }
        // Returned flat: all 32 bits count.
        for value in [value, value | 0x100, 0xFFFF_FFFF] {
            var flat = ComposedText(
                [.init(name: "f", type: "(result $named)", core: "(result i32)", body: "(i32.const \(value))")],
                run: "(drop (call $f)) (i32.const 0)")
            flat.named = definition
            #expect(try self.outcome(flat, "utf8", "utf8") == .fault, "\(value)")
        }
    }
}
