import HTTP
import HTTPClient
import NIOCore
import TestSupport
import Testing

/// Mutated responses: nothing crashes, and how the input is cut changes nothing.
@Suite struct ResponseParserFuzzTests {
    private func parse(_ bytes: [UInt8], sizes: () -> Int) -> [String] {
        var parser = HTTP1ResponseParser()
        parser.begin(isHeadRequest: false)
        var events: [String] = []
        var body: [UInt8] = []
        var buffer = ByteBuffer()
        var start = 0
        func take(_ event: HTTP1ResponseParser.Event) -> Bool {
            switch event {
            case .needMore: return false
            case .informational(let status): events.append("\(status)")
            case .head(let head): events.append("\(head.status) \(head.framing) \(head.isKeepAlive) \(head.fields)")
            case .body(let slice): body += slice.readableBytesView
            case .end(let trailers): events.append("end \(trailers.map { "\($0)" } ?? "")")
            case .failure(let error):
                events.append("\(error)")
                return false
            }
            return true
        }
        while start < bytes.count {
            let end = min(bytes.count, start + max(1, sizes()))
            buffer.writeBytes(bytes[start..<end])
            start = end
            while take(parser.next(&buffer)) {}
            if case .failure = parser.next(&buffer) { break }
        }
        _ = take(parser.close())
        return events.filter { !$0.isEmpty } + [String(decoding: body, as: UTF8.self)]
    }

    @Test(arguments: 0..<8) func mutations(_ seed: Int) {
        var random = SplitMix64(seed: UInt64(seed))
        let seeds = (ResponseParserTests.good.map(\.text) + ResponseParserTests.bad).map { Array($0.utf8) }
        let bytes: [UInt8] = Array("\r\n:;, \t0123456789abcdefxHTP/.\0".utf8)
        for _ in 0..<1500 {
            var input = seeds[Int.random(in: 0..<seeds.count, using: &random)]
            for _ in 0..<Int.random(in: 0..<4, using: &random) where !input.isEmpty {
                let index = Int.random(in: 0..<input.count, using: &random)
                let byte = bytes[Int.random(in: 0..<bytes.count, using: &random)]
                switch Int.random(in: 0..<3, using: &random) {
                case 0: input[index] = byte
                case 1: input.insert(byte, at: index)
                default: input.remove(at: index)
                }
            }
            let whole = self.parse(input) { input.count }
            let pieces = self.parse(input) { Int.random(in: 1..<9, using: &random) }
            #expect(whole == pieces, "\(String(decoding: input, as: UTF8.self).debugDescription)")
        }
    }
}
