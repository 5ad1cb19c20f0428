import HTTP
import Testing

/// llhttp's own cases through our parser: what it refuses must not get through here, and what both take must be the
/// same requests. Skipped where `scripts/fetch-llhttp-cases` was not run.
@Suite(.enabled(if: !LLHTTPCase.all.isEmpty, "llhttp's cases are not here: run scripts/fetch-llhttp-cases"))
struct LLHTTPTests {
    /// What llhttp refuses and we take, and why that is right.
    static let taken: [String: String] = [
        "invalid.md: HTTP protocol and ANNOUNCE method": "any token may be a method (RFC 9110 9.1)",
        "invalid.md: Invalid method": "any token may be a method (RFC 9110 9.1)",
    ]
    /// What llhttp parses otherwise because its caller told it to.
    static let told: Set<String> = ["content-length.md: Content-Length reset when no body is received"]

    /// With the host field that a request must have, where the case leaves it out.
    private static func withHost(_ input: [UInt8]) -> [UInt8] {
        guard let end = input.firstIndex(of: 10), end > 0, input[end - 1] == 13 else { return input }
        let text = String(decoding: input, as: UTF8.self).lowercased()
        guard !text.contains("\r\nhost:") else { return input }
        return input[...end] + Array("Host: a\r\n".utf8) + input[(end + 1)...]
    }

    @Test(arguments: LLHTTPCase.all) func isTakenAlike(_ sample: LLHTTPCase) {
        let input = Self.withHost(sample.input)
        let parse = Parse([input])
        // The same, however the bytes arrive.
        #expect(Parse(input.map { [$0] }).requests.map(\.line) == parse.requests.map(\.line))
        guard sample.isStrict, !sample.isPaused else { return }
        if sample.isRefused {
            guard Self.taken[sample.name] == nil else { return }
            let isWhole = parse.error == nil && parse.requests.allSatisfy(\.isComplete) && parse.unread.isEmpty
            #expect(!isWhole || parse.requests.count < max(1, sample.methods.count), "\(parse)")
            return
        }
        // What we take of what llhttp takes is the same; we may take less.
        guard parse.error == nil, !Self.told.contains(sample.name) else { return }
        let methods = parse.requests.map { String($0.line.prefix { $0 != " " }) }
        // llhttp tells of a method before the head is whole.
        let isWhole = parse.unread.isEmpty
        #expect(methods == Array(sample.methods.prefix(isWhole ? .max : methods.count)), "\(parse)")
        #expect(parse.requests.reduce(0) { $0 + $1.body.unicodeScalars.count } == sample.bodyBytes, "\(parse)")
        #expect(parse.requests.count { $0.isComplete } == sample.completed, "\(parse)")
    }

    /// The suite would be empty of meaning if the parser refused everything.
    @Test func ordinaryRequestsAreTaken() {
        let ordinary = LLHTTPCase.all.filter { $0.isStrict && !$0.isRefused && !$0.isPaused }
        let taken = ordinary.filter { Parse([Self.withHost($0.input)]).error == nil }
        #expect(taken.count * 2 > ordinary.count, "\(taken.count) of \(ordinary.count)")
        #expect(LLHTTPCase.all.count > 150)
    }
}
