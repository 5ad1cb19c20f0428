import HTTP
import NIOCore
import RedisClient

/// The reader of Redis replies: however the bytes are cut into pieces, it finds the same, and stays within its limits.
enum RESPTarget: FuzzTarget {
    static let name = "resp"

    static func run(_ bytes: [UInt8]) {
        comparePieces(of: bytes, self.events)
    }

    /// What was read, as text.
    private static func events(of pieces: [ArraySlice<UInt8>]) -> String {
        // Small ones, so that replies come over them.
        var limits = RESPLimits()
        limits.replyBytes = 16 * 1024
        limits.depth = 8
        limits.lineBytes = 256
        let budget = ByteBudget(8 * 1024)
        var reader = RESPReader(limits: limits)
        reader.budget = budget
        var events = ""
        for piece in pieces {
            reader.append(ByteBuffer(bytes: piece))
            do throws(RESPReader.Fault) {
                while let reply = try reader.next() {
                    switch reply {
                    case .tooLarge: events += "too large\n"
                    case .overBudget: events += "over budget\n"
                    case .value(let value):
                        var cost = 0
                        events += self.text(value, depth: 0, limits, &cost) + "\n"
                        if cost > limits.replyBytes { violated("a reply of \(cost) bytes was given out") }
                    }
                    reader.takeClaim()?.giveBack()
                    if budget.usedBytes != 0 { violated("\(budget.usedBytes) bytes are held for nothing") }
                }
            } catch {
                return events + "fault \(error)"
            }
        }
        return events
    }

    /// A value, with not-a-numbers that are equal.
    private static func text(_ value: RESPValue, depth: Int, _ limits: RESPLimits, _ cost: inout Int) -> String {
        if depth > limits.depth { violated("arrays are nested deeper than \(limits.depth)") }
        cost += MemoryLayout<RESPValue>.stride
        switch value {
        case .array(let items), .push(let items):
            var texts: [String] = []
            for item in items { texts.append(self.text(item, depth: depth + 1, limits, &cost)) }
            return "[\(texts.joined(separator: " "))]"
        case .bytes(let bytes):
            cost += bytes.readableBytes
            return bytes.readableBytesView.map { "\($0)" }.joined(separator: ",")
        default: return "\(value)"
        }
    }
}
