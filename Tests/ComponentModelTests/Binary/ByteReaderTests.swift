import ComponentModel
import Testing

@Suite struct ByteReaderTests {
    private func read<Value>(_ bytes: [UInt8], _ body: (inout ByteReader) throws(ComponentError) -> Value)
        throws(ComponentError) -> Value
    {
        let result = bytes.withUnsafeBytes { buffer in
            Result { () throws(ComponentError) -> Value in
                var reader = ByteReader(buffer)
                return try body(&reader)
            }
        }
        return try result.get()
    }

    @Test(
        arguments: [
            ([0x00], 0), ([0x7f], 127), ([0x80, 0x01], 128), ([0xff, 0xff, 0xff, 0xff, 0x0f], UInt32.max),
            ([0x81, 0x80, 0x80, 0x80, 0x00], 1),
        ] as [([UInt8], UInt32)])
    func unsignedNumbersAreRead(bytes: [UInt8], expected: UInt32) throws {
        #expect(try self.read(bytes) { (reader) throws(ComponentError) in try reader.u32() } == expected)
    }

    @Test(
        arguments: [
            [], [0x80], [0xff, 0xff, 0xff, 0xff, 0x1f], [0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
        ] as [[UInt8]])
    func badUnsignedNumbersAreRefused(bytes: [UInt8]) {
        #expect(throws: ComponentError.self) {
            try self.read(bytes) { (reader) throws(ComponentError) in try reader.u32() }
        }
    }

    @Test(
        arguments: [
            ([0x00], 33, 0), ([0x7f], 33, -1), ([0x40], 33, -64), ([0x3f], 33, 63), ([0xc0, 0x00], 33, 64),
            ([0xff, 0xff, 0xff, 0xff, 0x0f], 33, Int64(UInt32.max)),
            ([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f], 64, Int64.min),
        ] as [([UInt8], Int, Int64)])
    func signedNumbersAreRead(bytes: [UInt8], bits: Int, expected: Int64) throws {
        #expect(try self.read(bytes) { (reader) throws(ComponentError) in try reader.signed(bits: bits) } == expected)
    }

    @Test func numbersOfTooManyBitsAreRefused() {
        for bytes: [UInt8] in [[0xff, 0xff, 0xff, 0xff, 0x3f], [0x80, 0x80, 0x80, 0x80, 0x80, 0x00]] {
            #expect(throws: ComponentError.self) {
                try self.read(bytes) { (reader) throws(ComponentError) in try reader.signed(bits: 33) }
            }
        }
    }

    @Test func namesAreCheckedUTF8() throws {
        #expect(try self.read([2, 0xc3, 0xa9]) { (reader) throws(ComponentError) in try reader.name() } == "é")
        for bytes: [UInt8] in [[3, 0x61], [2, 0xff, 0xfe], [3, 0xed, 0xa0, 0x80]] {
            #expect(throws: ComponentError.self) {
                try self.read(bytes) { (reader) throws(ComponentError) in try reader.name() }
            }
        }
    }

    @Test func countsFitTheirSection() {
        #expect(
            throws: ComponentError(
                .malformed, "unexpected end-of-file: 3 elements do not fit into the section", offset: 0)
        ) {
            try self.read([3, 0, 0]) { (reader) throws(ComponentError) in try reader.count() }
        }
    }

    @Test(
        arguments: [
            ([0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00], WasmKind.component),
            ([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], .coreModule),
            ([0x00, 0x61, 0x73, 0x6d, 0x02, 0x00, 0x00, 0x00], .notWasm), ([0x00, 0x61], .notWasm), ([], .notWasm),
        ] as [([UInt8], WasmKind)])
    func filesAreToldApart(bytes: [UInt8], kind: WasmKind) {
        #expect(bytes.withUnsafeBytes { WasmKind.of($0) } == kind)
    }
}
