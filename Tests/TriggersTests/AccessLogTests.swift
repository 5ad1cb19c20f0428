import AppModel
import Foundation
import Logging
import NIOCore
import Testing
import Triggers

/// The lines of the access log.
@Suite struct AccessLogTests {
    private func entry(_ target: String = "/a", status: Int? = 200, isComplete: Bool = true) -> AccessLog.Entry {
        AccessLog.Entry(
            client: "127.0.0.1", method: "GET", target: target, version: "HTTP/1.1", status: status, bytes: 12,
            isComplete: isComplete, duration: .microseconds(1050), component: "hello")
    }

    @Test func commonForm() {
        #expect(
            AccessLog.line(self.entry(), format: .common, time: 1_800_000_000)
                == "127.0.0.1 - - [15/Jan/2027:08:00:00 +0000] \"GET /a HTTP/1.1\" 200 12 hello 1.050ms\n")
        #expect(
            AccessLog.line(self.entry(status: nil, isComplete: false), format: .common, time: 0)
                .hasSuffix(" 499 12 hello 1.050ms cut\n"))
    }

    @Test func jsonForm() {
        #expect(
            AccessLog.line(self.entry(), format: .json, time: 1_800_000_000) == """
                {"time":"2027-01-15T08:00:00Z","client":"127.0.0.1","method":"GET","path":"/a","protocol":"HTTP/1.1",\
                "status":200,"bytes":12,"duration_ms":1.050,"component":"hello","complete":true}

                """)
    }

    /// A client cannot forge a line, or end a string.
    @Test(arguments: HTTPTriggerOptions.AccessLogFormat.allCases)
    func hostileTextIsEscaped(_ format: HTTPTriggerOptions.AccessLogFormat) {
        let line = AccessLog.line(self.entry("/\"\n\u{1b}[31m\\é"), format: format, time: 0)
        #expect(line.contains(#"/\"\u000a\u001b[31m\\é"#))
        #expect(line.split(separator: "\n").count == 1)
    }

    @Test func aMissingFolderIsSaid() {
        #expect(throws: TriggerError.self) {
            try AccessLog(path: "/no/such/folder/log", format: .common, logger: Logger(label: "test"))
        }
    }
}
