import ComponentModel
import Testing

/// Streams between two guests, one built-in at a time.
@Suite struct StreamBuiltinTests {
    static let blocked = UInt32.max
    static let dropped: UInt32 = 1
    static let cancelled: UInt32 = 2

    @Test func copiesFromAWaitingWriter() throws {
        let rig = try StreamRig()
        let (reader, writer) = try rig.new(.p)
        let moved = try rig.move(reader, from: .p, to: .q)
        try rig.poke(.p, [1, 2, 3, 4], at: 16)
        #expect(try rig.call(.p, "stream-write", writer, 16, 4) == Self.blocked)
        #expect(try rig.poll(.p, writer) == nil)
        #expect(try rig.call(.q, "stream-read", moved, 32, 3) == 3 << 4)
        #expect(try rig.peek(.q, 4, at: 32) == [1, 2, 3, 0])
        // Until the writer knows of it, more of its buffer may be taken.
        #expect(try rig.call(.q, "stream-read", moved, 35, 9) == 1 << 4)
        #expect(try rig.peek(.q, 4, at: 32) == [1, 2, 3, 4])
        let event = try #require(try rig.poll(.p, writer))
        #expect(event == (3, 4 << 4))
    }

    @Test func copiesToAWaitingReader() throws {
        let rig = try StreamRig()
        let (reader, writer) = try rig.new(.p)
        let moved = try rig.move(reader, from: .p, to: .q)
        #expect(try rig.call(.q, "stream-read", moved, 100, 8) == Self.blocked)
        try rig.poke(.p, [9, 8, 7], at: 0)
        #expect(try rig.call(.p, "stream-write", writer, 0, 3) == 3 << 4)
        #expect(try rig.call(.p, "stream-write", writer, 1, 2) == 2 << 4)
        try rig.call(.p, "stream-drop-writable", writer)
        let event = try #require(try rig.poll(.q, moved))
        #expect(event == (2, 5 << 4 | Self.dropped))
        #expect(try rig.peek(.q, 6, at: 100) == [9, 8, 7, 8, 7, 0])
    }

    @Test func tellsTheOtherEndOfADrop() throws {
        let rig = try StreamRig()
        let (reader, writer) = try rig.new(.p)
        #expect(try rig.call(.p, "stream-write", writer, 0, 3) == Self.blocked)
        try rig.call(.p, "stream-drop-readable", reader)
        let event = try #require(try rig.poll(.p, writer))
        #expect(event == (3, Self.dropped))
        let fault = try rig.fault { try rig.call(.p, "stream-write", writer, 0, 3) }
        #expect(fault == "cannot write to stream after being notified that the readable end dropped")
    }

    @Test func cancelsACopy() throws {
        let rig = try StreamRig()
        let (reader, writer) = try rig.new(.p)
        #expect(try rig.call(.p, "stream-read", reader, 0, 3) == Self.blocked)
        #expect(try rig.call(.p, "stream-cancel-read", reader) == Self.cancelled)
        #expect(try rig.call(.p, "stream-write", writer, 0, 3) == Self.blocked)
        #expect(try rig.call(.p, "stream-read", reader, 8, 2) == 2 << 4)
        #expect(try rig.call(.p, "stream-cancel-write", writer) == 2 << 4 | Self.cancelled)
        let fault = try rig.fault { try rig.call(.p, "stream-cancel-write", writer) }
        #expect(fault == "stream or future write cancelled when none is pending")
    }

    @Test func movesAFuturesValue() throws {
        let rig = try StreamRig("u32")
        let (reader, writer) = try rig.new(.p, "future")
        let moved = try rig.move(reader, from: .p, to: .q, "future")
        try rig.poke(.p, [1, 2, 3, 4], at: 16)
        #expect(try rig.call(.q, "future-read", moved, 64) == Self.blocked)
        #expect(try rig.call(.p, "future-write", writer, 16) == 0)
        let event = try #require(try rig.poll(.q, moved))
        #expect(event == (4, 0))
        #expect(try rig.peek(.q, 4, at: 64) == [1, 2, 3, 4])
        try rig.call(.p, "future-drop-writable", writer)
        try rig.call(.q, "future-drop-readable", moved)
    }

    @Test func liftsAndLowersText() throws {
        let rig = try StreamRig("string")
        let (reader, writer) = try rig.new(.p)
        let moved = try rig.move(reader, from: .p, to: .q)
        try rig.poke(.p, Array("hello".utf8), at: 100)
        try rig.poke(.p, [100, 0, 0, 0, 5, 0, 0, 0], at: 16)
        #expect(try rig.call(.p, "stream-write", writer, 16, 1) == Self.blocked)
        #expect(try rig.call(.q, "stream-read", moved, 32, 3) == 1 << 4)
        let pair = try rig.peek(.q, 8, at: 32)
        #expect(Array(pair[4...]) == [5, 0, 0, 0])
        #expect(try rig.peek(.q, 5, at: UInt32(pair[0]) | UInt32(pair[1]) << 8) == Array("hello".utf8))
    }
}
