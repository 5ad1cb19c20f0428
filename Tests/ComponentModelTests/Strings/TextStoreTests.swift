import ComponentModel
import TestSupport
import Testing

/// Text put into a guest's memory: every pair of encodings, against the standard library.
@Suite struct TextStoreTests {
    static let texts = [
        "", "a", "hello", String(repeating: "plain ASCII of some length. ", count: 9),
        "é", "caf\u{E9} au lait", String(repeating: "\u{FF}", count: 70), "naïve " + String(repeating: "x", count: 40),
        "\u{100}", "ab\u{100}", "日本語のテキスト", String(repeating: "日本", count: 33) + "ab",
        "😀", "a😀b😀", String(repeating: "😀", count: 21), "\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}",
        String(repeating: "a", count: 31) + "é", String(repeating: "a", count: 15) + "\u{20AC}" + "tail",
        "\u{D7FF}\u{E000}", "é" + String(repeating: "a", count: 64) + "\u{3A9}",
    ]

    static let encodings: [StringEncoding] = [.utf8, .utf16, .latin1OrUTF16]

    /// The text as a guest with that encoding would pass it; both forms for text that Latin-1 can hold.
    static func forms(_ text: String, _ encoding: StringEncoding) -> [(EncodedText, [UInt8])] {
        let utf16 = text.utf16.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
        let wide = (EncodedText(form: .utf16, units: utf16.count / 2), utf16)
        switch encoding {
        case .utf8: return [(EncodedText(form: .utf8, units: text.utf8.count), Array(text.utf8))]
        case .utf16: return [wide]
        case .latin1OrUTF16:
            guard text.unicodeScalars.allSatisfy({ $0.value < 0x100 }) else { return [wide] }
            let latin1 = text.unicodeScalars.map { UInt8($0.value) }
            return [wide, (EncodedText(form: .latin1, units: latin1.count), latin1)]
        }
    }

    @Test(arguments: Self.texts)
    func textArrivesInEveryEncoding(text: String) throws {
        for source in Self.encodings {
            for (form, bytes) in Self.forms(text, source) {
                for target in Self.encodings {
                    let memory = FakeGuest()
                    let stored = try bytes.withUnsafeBytes { bytes in
                        try TextStore(origin: HostText(utf8: bytes), destination: memory)
                            .store(form, as: target, from: source)
                    }
                    let found = stored.text
                    let read = try memory.room(at: stored.pointer, found.byteCount)
                    #expect(
                        String(UnsafeRawBufferPointer(read), form: found.form) == text,
                        "\(source) to \(target): \(text)")
                    // The guest frees what it was told in the end.
                    #expect(memory.size == found.byteCount, "\(source) to \(target): \(text)")
                    if target == .latin1OrUTF16, text.unicodeScalars.contains(where: { $0.value > 0xFF }) {
                        #expect(found.form == .utf16)
                    }
                }
            }
        }
    }

    /// The tag is the highest bit of a length, whatever its width; lengths that no text has overflow nothing.
    @Test(arguments: [AddressType.i32, .i64])
    func lengthsAreTaggedInTheirHighestBit(addressType: AddressType) {
        let tagged = EncodedText(form: .utf16, units: 5).length(.latin1OrUTF16, addressType)
        #expect(tagged == UInt64(5) | UInt64(1) << (addressType == .i64 ? 63 : 31))
        #expect(EncodedText(length: tagged, encoding: .latin1OrUTF16, addressType: addressType).byteCount == 10)
        #expect(EncodedText(form: .utf16, units: 5).length(.utf16, addressType) == 5)
        for encoding in Self.encodings {
            let text = EncodedText(
                length: addressType == .i64 ? .max : 0xFFFF_FFFF, encoding: encoding, addressType: addressType)
            #expect(text.byteCount > EncodedText.maximumBytes)
        }
    }

    /// Longer than every step that scans and conversions take.
    @Test(arguments: ["plain ASCII. ", "le père Noël ", "日本語", "ab日本😀", "😀", "\u{FF}"])
    func longTextIsConvertedInSteps(piece: String) throws {
        for lead in 0..<4 {
            let text = String(repeating: "a", count: lead) + String(repeating: piece, count: 40_000 / piece.utf8.count)
            let (utf8, utf16) = (Array(text.utf8), Array(text.utf16))
            utf16.withUnsafeBytes { #expect(String($0, form: .utf16) == text) }
            var copy = [UInt8](repeating: 0, count: utf8.count)
            var wide = [UInt16](repeating: 0, count: utf16.count)
            utf8.withUnsafeBytes { bytes in
                #expect(TextScan.isUTF8(bytes))
                copy.withUnsafeMutableBytes {
                    var conversion = TextConversion(bytes, to: $0)
                    #expect(conversion.copyUTF8() == .done)
                }
                wide.withUnsafeMutableBytes {
                    var conversion = TextConversion(bytes, to: $0)
                    #expect(conversion.utf8ToUTF16() == .done)
                }
            }
            #expect(copy == utf8)
            #expect(wide == utf16)
            // The same with its end spoilt.
            let broken = utf16 + [0xD83D]
            broken.withUnsafeBytes {
                #expect($0.baseAddress.map { TextScan.isUTF16($0, units: broken.count) } == false)
                #expect(String($0, form: .utf16) == nil)
            }
            let cut = utf8 + [0xE6]
            copy.append(0)
            cut.withUnsafeBytes { bytes in
                copy.withUnsafeMutableBytes {
                    var conversion = TextConversion(bytes, to: $0)
                    #expect(conversion.copyUTF8() == .illFormed)
                }
            }
        }
    }

    @Test func allocationsAreThePrescribedOnes() throws {
        func calls(_ text: String, _ source: StringEncoding, _ target: StringEncoding) throws -> [[Int]] {
            let memory = FakeGuest()
            let (form, bytes) = Self.forms(text, source)[0]
            _ = try bytes.withUnsafeBytes {
                try TextStore(origin: HostText(utf8: $0), destination: memory).store(form, as: target, from: source)
            }
            return memory.calls
        }
        #expect(try calls("abc", .utf16, .utf8) == [[0, 1, 3]])
        #expect(try calls("abé", .utf16, .utf8) == [[0, 1, 3], [3, 1, 9], [9, 1, 4]])
        #expect(try calls("日", .utf16, .utf8) == [[0, 1, 1], [1, 1, 3]])
        #expect(try calls("ab", .utf8, .utf16) == [[0, 2, 4]])
        #expect(try calls("é", .utf8, .utf16) == [[0, 2, 4], [4, 2, 2]])
        #expect(try calls("é", .utf8, .latin1OrUTF16) == [[0, 2, 2], [2, 2, 1]])
        #expect(try calls("日", .utf8, .latin1OrUTF16) == [[0, 2, 3], [3, 2, 6], [6, 2, 2]])
        #expect(try calls("é", .utf16, .latin1OrUTF16) == [[0, 2, 1]])
        #expect(try calls("é日", .utf16, .latin1OrUTF16) == [[0, 2, 2], [2, 2, 4]])
        #expect(try calls("é", .latin1OrUTF16, .latin1OrUTF16) == [[0, 2, 2], [2, 1, 1]])
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC2], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80],
            [0xF0, 0x80, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82], [0x61, 0xFF], [0xF0, 0x9F, 0x98],
        ] as [[UInt8]])
    func illFormedUTF8IsRefused(bytes: [UInt8]) {
        for prefix in [0, 1, 31, 32, 64] {
            let bytes = Array(repeating: UInt8(0x61), count: prefix) + bytes
            #expect(!bytes.withUnsafeBytes { TextScan.isUTF8($0) })
            Self.expectRefused(bytes, EncodedText(form: .utf8, units: bytes.count), .utf8)
        }
    }

    @Test(
        arguments: [[0xD800], [0xDC00], [0xDC00, 0xD800], [0xD800, 0x61], [0x61, 0xDBFF], [0x20AC, 0xDFFF]]
            as [[UInt16]])
    func unpairedSurrogatesAreRefused(units: [UInt16]) {
        for prefix in [0, 1, 15, 16, 40] {
            let units = Array(repeating: UInt16(0x61), count: prefix) + units
            let bytes = units.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] }
            Self.expectRefused(bytes, EncodedText(form: .utf16, units: units.count), .utf16)
            Self.expectRefused(bytes, EncodedText(form: .utf16, units: units.count), .latin1OrUTF16)
        }
    }

    private static func expectRefused(_ bytes: [UInt8], _ form: EncodedText, _ source: StringEncoding) {
        bytes.withUnsafeBytes { bytes in
            #expect(String(bytes, form: form.form) == nil)
            for target in Self.encodings {
                #expect(throws: GuestFault.self) {
                    try TextStore(origin: HostText(utf8: bytes), destination: FakeGuest())
                        .store(form, as: target, from: source)
                }
            }
        }
    }

    /// Random bytes: refused or kept, exactly as the standard library judges them.
    @Test func randomBytesAreJudgedAsTheStandardLibraryDoes() {
        var random = SplitMix64(seed: 7)
        for _ in 0..<3000 {
            let count = Int.random(in: 0..<80, using: &random)
            let isWild = Bool.random(using: &random)
            let bytes = (0..<count).map { _ in
                isWild || Int.random(in: 0..<12, using: &random) == 0
                    ? UInt8.random(in: 0...255, using: &random) : UInt8.random(in: 0...127, using: &random)
            }
            let expected = String(validating: bytes, as: UTF8.self)
            bytes.withUnsafeBytes { bytes in
                #expect(TextScan.isUTF8(bytes) == (expected != nil))
                let units = bytes.count / 2
                let wide = (0..<units).map { bytes.loadUnaligned(fromByteOffset: $0 * 2, as: UInt16.self) }
                let expectedWide = String(validating: wide, as: UTF16.self)
                #expect(String(UnsafeRawBufferPointer(rebasing: bytes[0..<units * 2]), form: .utf16) == expectedWide)
                for (source, form) in [
                    (StringEncoding.utf8, EncodedText(form: .utf8, units: bytes.count)),
                    (.utf16, EncodedText(form: .utf16, units: units)),
                ] {
                    for target in Self.encodings {
                        let used = UnsafeRawBufferPointer(rebasing: bytes[0..<form.byteCount])
                        let stored = try? TextStore(origin: HostText(utf8: used), destination: FakeGuest())
                            .store(form, as: target, from: source)
                        #expect((stored != nil) == ((source == .utf8 ? expected : expectedWide) != nil))
                    }
                }
            }
        }
    }
}

/// A guest's memory of 4 KiB with one allocation that always moves.
private final class FakeGuest: TextDestination {
    private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 8192, alignment: 16)
    private var current: UInt64 = 0
    private(set) var size = 0
    private(set) var calls: [[Int]] = []

    init() {
        self.memory.initializeMemory(as: UInt8.self, repeating: 0xAA)
    }

    deinit {
        self.memory.deallocate()
    }

    func reallocate(_ old: UInt64, oldSize: Int, alignment: Int, size: Int) throws -> UInt64 {
        #expect(oldSize == self.size)
        #expect(old == (self.calls.isEmpty ? 0 : self.current))
        self.calls.append([oldSize, alignment, size])
        let moved: UInt64 = self.current == 4096 ? 16 : 4096
        let kept = min(oldSize, size)
        if kept > 0, let base = self.memory.baseAddress {
            (base + Int(moved)).copyMemory(from: base + Int(old), byteCount: kept)
        }
        self.current = moved
        self.size = size
        return moved
    }

    func room(at pointer: UInt64, _ count: Int) throws -> UnsafeMutableRawBufferPointer {
        let end = Int(pointer) + count
        guard end <= self.memory.count else { throw GuestFault("out of memory") }
        return UnsafeMutableRawBufferPointer(rebasing: self.memory[Int(pointer)..<end])
    }
}
