import Executor
import HTTP
import NIOCore
import Testing

/// What a program writes becomes a response, or is none.
@Suite struct CGIResponseTests {
    private func response(_ output: String) -> CGIResponse? { CGIResponse(ByteBuffer(string: output)) }

    @Test(arguments: [
        ("content-type: text/plain\n\nhello", 200, "hello"),
        ("Content-Type:text/plain\r\n\r\nhello\r\n\r\nthere", 200, "hello\r\n\r\nthere"),
        ("status: 404 Not Found\n\n", 404, ""),
        ("Status: 201\nx: y\n\nmade", 201, "made"),
        ("location: /there\n\n", 302, ""),
        ("location: /there\nstatus: 307\n\n", 307, ""),
        ("status: 301\nlocation: /there\n\n", 301, ""),
        ("status: 42\n\n", 502, ""), ("status: abc\n\n", 502, ""), ("status:\n\n", 502, ""),
        ("status: 1000\n\n", 502, ""), ("status: 100\n\n", 502, ""), ("status: +20\n\n", 502, ""),
    ])
    func isUnderstood(output: String, status: Int, body: String) throws {
        let response = try #require(self.response(output))
        #expect(response.status == status)
        #expect(String(buffer: response.body) == body)
        #expect(response.fields.first("content-length") == String(body.utf8.count))
        #expect(response.ignored.isEmpty)
    }

    @Test(arguments: [
        "", "hello", "\n\n", "\n\nhello", "x: y\n\nhello", "content-type: text/plain",
        "content-type: text/plain\nhello",
        "content-type text/plain\n\n",
    ])
    func isNoResponse(output: String) {
        #expect(self.response(output) == nil)
    }

    @Test func fieldsAreKeptAndWrongOnesTold() throws {
        let response = try #require(
            self.response(
                """
                content-type: a/b
                Content-Type: c/d
                set-cookie: a=1
                set-cookie: b=2
                content-length: 7
                transfer-encoding: chunked
                bad name: x
                no colon
                bell: \u{7}
                empty:

                body
                """))
        #expect(response.fields.all("content-type") == ["c/d"])
        #expect(response.fields.all("set-cookie") == ["a=1", "b=2"])
        #expect(response.fields.first("content-length") == "4")
        #expect(!response.fields.contains("transfer-encoding"))
        #expect(response.fields.first("empty") == "")
        #expect(response.ignored == ["\"bad name: x\"", "\"no colon\"", "\"bell: \\u{07}\""])
    }
}
