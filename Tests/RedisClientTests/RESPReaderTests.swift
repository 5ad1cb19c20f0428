import HTTP
import NIOCore
import RedisClient
import Testing

@Suite struct RESPReaderTests {
    /// All replies of a text, which arrives in pieces of `step` bytes.
    private func read(_ text: String, step: Int = .max, limits: RESPLimits = RESPLimits()) throws -> [RESPReader.Reply]
    {
        var reader = RESPReader(limits: limits)
        var replies: [RESPReader.Reply] = []
        var bytes = ByteBuffer(string: text)
        while let piece = bytes.readSlice(length: min(step, bytes.readableBytes)), piece.readableBytes > 0 {
            reader.append(piece)
            while let reply = try reader.next() { replies.append(reply) }
        }
        return replies
    }

    /// Each read ends within a reply: what came before must not be kept all the same.
    @Test func inputOfTheWholeConnectionIsNotKept() throws {
        var reader = RESPReader()
        let reply = "$1000\r\n" + String(repeating: "x", count: 1000) + "\r\n"
        reader.append(ByteBuffer(string: String(reply.prefix(10))))
        for _ in 0..<2000 {
            reader.append(ByteBuffer(string: String(reply.dropFirst(10) + reply.prefix(10))))
            #expect(try reader.next() != nil)
            #expect(try reader.next() == nil)
        }
        #expect(reader.capacity <= 64 * 1024)
    }

    private static let replies: [(String, RESPValue)] = [
        ("+OK\r\n", .status("OK")), ("-ERR no\r\n", .error("ERR no")), (":-12\r\n", .integer(-12)),
        (":9223372036854775807\r\n", .integer(.max)), (":-9223372036854775808\r\n", .integer(.min)),
        ("$-1\r\n", .null), ("$0\r\n\r\n", .text("")), ("$4\r\na\r\nb\r\n", .text("a\r\nb")), ("*-1\r\n", .null),
        ("*0\r\n", .array([])),
        ("*2\r\n:1\r\n*2\r\n$1\r\nx\r\n_\r\n", .array([.integer(1), .array([.text("x"), .null])])),
        ("#t\r\n", .boolean(true)), (",1.5\r\n", .double(1.5)), (",-inf\r\n", .double(-.infinity)),
        ("(123456789012345678901234567890\r\n", .text("123456789012345678901234567890")),
        ("!7\r\nERR bad\r\n", .error("ERR bad")), ("=7\r\ntxt:abc\r\n", .text("abc")),
        ("%1\r\n+k\r\n:1\r\n", .array([.status("k"), .integer(1)])), ("~1\r\n:7\r\n", .array([.integer(7)])),
        (">2\r\n+a\r\n+b\r\n", .push([.status("a"), .status("b")])),
        ("|1\r\n+ttl\r\n:3\r\n*2\r\n|1\r\n+x\r\n+y\r\n:1\r\n:2\r\n", .array([.integer(1), .integer(2)])),
        ("|0\r\n*1\r\n|0\r\n:1\r\n", .array([.integer(1)])),
    ]

    @Test(arguments: Self.replies) func readsReplies(text: String, value: RESPValue) throws {
        for step in [1, 2, 3, 7, Int.max] {
            #expect(try self.read(text + "+next\r\n", step: step) == [.value(value), .value(.status("next"))])
        }
    }

    /// The limit of a line does not depend on how it arrives.
    @Test(arguments: [1, 2, 10, Int.max]) func linesAreAsLongAsTheyMayBe(step: Int) throws {
        var limits = RESPLimits()
        limits.lineBytes = 10
        #expect(try self.read("+123456789\r\n", step: step, limits: limits) == [.value(.status("123456789"))])
        #expect(throws: RESPReader.Fault.self) {
            _ = try self.read("+1234567890\r\n", step: step, limits: limits)
        }
    }

    @Test(arguments: [
        "?\r\n", "\r\n", ":\r\n", ":1x\r\n", ":99999999999999999999\r\n", ":9223372036854775808\r\n", "$-2\r\n",
        "$3\r\nabcd\r\n", "*-2\r\n", "%4611686018427387904\r\n", "$9223372036854775807\r\n", "+a\rb\r\n", "#x\r\n",
        ",x\r\n", "=3\r\nabc\r\n", "$?\r\n", String(repeating: "*1\r\n", count: 40),
        "+" + String(repeating: "x", count: 70_000),
    ]) func refusesMalformedReplies(text: String) {
        #expect(throws: RESPReader.Fault.self) { _ = try self.read(text) }
    }

    @Test(arguments: [1, 5, 1000, Int.max]) func dropsReplyOverLimitAndGoesOn(step: Int) throws {
        var limits = RESPLimits()
        limits.replyBytes = 1000
        let large = "$2000\r\n" + String(repeating: "x", count: 2000) + "\r\n"
        let small = "$3\r\nabc\r\n"
        let many = "*3\r\n\(small)*2\r\n\(large)\(small)*1\r\n|1\r\n+a\r\n+b\r\n*0\r\n"
        let count = "*100\r\n" + String(repeating: "_\r\n", count: 100)
        let text = large + small + many + small + count + ":1\r\n"
        let abc = RESPReader.Reply.value(.text("abc"))
        #expect(
            try self.read(text, step: step, limits: limits)
                == [.tooLarge, abc, .tooLarge, abc, .tooLarge, .value(.integer(1))])
    }

    /// Refused when it is announced, not when it is there; the reply after it finds its place again.
    @Test(arguments: [1, 1000, Int.max]) func takesRepliesFromTheirBudget(step: Int) throws {
        let budget = ByteBudget(20_000)
        var reader = RESPReader()
        reader.budget = budget
        func read(_ text: String) throws -> (reply: RESPReader.Reply?, claim: ByteClaim?) {
            var bytes = ByteBuffer(string: text)
            while let piece = bytes.readSlice(length: min(step, bytes.readableBytes)), piece.readableBytes > 0 {
                reader.append(piece)
                if let reply = try reader.next() { return (reply, reader.takeClaim()) }
            }
            return (nil, nil)
        }
        let text = String(repeating: "x", count: 6000)
        let bulk = "$6000\r\n\(text)\r\n"
        let list = "*4\r\n\(bulk)\(bulk)\(bulk)\(bulk)"
        // One reply that alone is too much.
        #expect(try read(list).reply == .overBudget)
        #expect(budget.usedBytes == 0)
        // Several that wait.
        var waiting: [ByteClaim?] = []
        for _ in 0..<3 {
            let (reply, claim) = try read(bulk)
            #expect(reply == .value(.text(text)))
            waiting.append(claim)
        }
        #expect(budget.usedBytes > 18_000)
        #expect(try read(bulk).reply == .overBudget)
        #expect(try read("$3\r\nabc\r\n").reply == .value(.text("abc")))
        waiting = []
        #expect(try read(bulk).reply == .value(.text(text)))
        #expect(budget.usedBytes == 0)
        // What is only announced counts already.
        #expect(try read("$19000\r\nabc").reply == nil)
        #expect(budget.usedBytes > 19_000)
    }

    @Test func reservesNothingForWhatIsAnnounced() throws {
        #expect(try self.read("*1000000000000\r\n:1\r\n").isEmpty)
        #expect(try self.read("$134217000\r\nabc").isEmpty)
    }

    @Test func survivesRandomBytes() {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("+-:$*%~>|_#,(!=0123456789tfx\r\n\r\n\r\n".utf8)
        for _ in 0..<2000 {
            var reader = RESPReader()
            for _ in 0..<20 {
                let length = Int.random(in: 1...24, using: &random)
                reader.append(ByteBuffer(bytes: (0..<length).map { _ in alphabet.randomElement(using: &random) ?? 0 }))
                do { while try reader.next() != nil {} } catch { break }
            }
        }
    }
}
