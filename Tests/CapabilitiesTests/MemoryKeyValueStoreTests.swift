import Capabilities
import Testing

@Suite struct MemoryKeyValueStoreTests {}
