package import NIOCore
import NIOHTTP2

/// What one HTTP/2 connection may cost.
package struct HTTP2Limits: Equatable, Sendable {
    /// Requests at a time on one connection (SETTINGS_MAX_CONCURRENT_STREAMS).
    package var concurrentStreams = 100
    /// Bytes of all body frames of a connection that wait for handlers.
    package var connectionWindow = 1024 * 1024
    /// Streams that a client may reset within the period: more is an attack (CVE-2023-44487).
    package var resets = 200
    /// Streams in error within the period.
    package var streamErrors = 200
    /// PING, SETTINGS and PRIORITY frames within the period.
    package var controlFrames = 200
    package var period: TimeAmount = .seconds(30)
    /// CONTINUATION frames of one header section.
    package var continuations = 8
    /// Empty DATA frames one after the other, without the end of the stream.
    package var emptyFrames = 4

    package init() {}

    func handler(headerBytes: Int, streamWindow: Int) -> NIOHTTP2Handler {
        var connection = NIOHTTP2Handler.ConnectionConfiguration()
        connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: self.concurrentStreams),
            HTTP2Setting(parameter: .maxHeaderListSize, value: headerBytes),
            HTTP2Setting(parameter: .initialWindowSize, value: streamWindow),
        ]
        // `HTTP2Head` looks at each field of a request anyway, and responses are right by construction: checked once, a
        // request costs a twentieth less.
        connection.headerBlockValidation = .disabled
        connection.maximumSequentialEmptyDataFrames = self.emptyFrames
        connection.maximumSequentialContinuationFrames = self.continuations
        connection.maximumBufferedControlFrames = 1000
        // What a client sent before it heard of a reset is ignored; on a stream that is forgotten it ends the connection.
        connection.maximumRecentlyResetStreams = self.concurrentStreams
        connection.controlFrameRateLimit.maximumCount = self.controlFrames
        connection.controlFrameRateLimit.windowLength = self.period
        var stream = NIOHTTP2Handler.StreamConfiguration()
        stream.streamResetFrameRateLimit.maximumCount = self.resets
        stream.streamResetFrameRateLimit.windowLength = self.period
        stream.streamErrorRateLimit.maximumCount = self.streamErrors
        stream.streamErrorRateLimit.windowLength = self.period
        return NIOHTTP2Handler(
            mode: .server, connectionConfiguration: connection, streamConfiguration: stream)
    }
}
