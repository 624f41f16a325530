-- adder.vhd - the same as adder.v in VHDL: ports and registers that Vitis HLS gives
--   void adder(int a, int b, int &c) { c = a + b; }
-- 0x00 CTRL: 0 ap_start, 1 ap_done (until read), 2 ap_idle, 3 ap_ready (until read), 7 auto_restart; 0x04 interrupts of
-- the IP on; 0x08 those of ap_done (bit 0) and ap_ready (bit 1) on; 0x0c which have been, write 1 to toggle; 0x10 a;
-- 0x18 b; 0x20 c; 0x24 bit 0: c is there (until read).
library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;

entity adder is
  generic (C_S_AXI_CONTROL_ADDR_WIDTH : integer := 6; C_S_AXI_CONTROL_DATA_WIDTH : integer := 32);
  port (
    ap_clk : in std_logic;
    ap_rst_n : in std_logic;
    s_axi_control_AWADDR : in std_logic_vector(C_S_AXI_CONTROL_ADDR_WIDTH - 1 downto 0);
    s_axi_control_AWVALID : in std_logic;
    s_axi_control_AWREADY : out std_logic;
    s_axi_control_WDATA : in std_logic_vector(C_S_AXI_CONTROL_DATA_WIDTH - 1 downto 0);
    s_axi_control_WSTRB : in std_logic_vector(C_S_AXI_CONTROL_DATA_WIDTH / 8 - 1 downto 0);
    s_axi_control_WVALID : in std_logic;
    s_axi_control_WREADY : out std_logic;
    s_axi_control_BRESP : out std_logic_vector(1 downto 0);
    s_axi_control_BVALID : out std_logic;
    s_axi_control_BREADY : in std_logic;
    s_axi_control_ARADDR : in std_logic_vector(C_S_AXI_CONTROL_ADDR_WIDTH - 1 downto 0);
    s_axi_control_ARVALID : in std_logic;
    s_axi_control_ARREADY : out std_logic;
    s_axi_control_RDATA : out std_logic_vector(C_S_AXI_CONTROL_DATA_WIDTH - 1 downto 0);
    s_axi_control_RRESP : out std_logic_vector(1 downto 0);
    s_axi_control_RVALID : out std_logic;
    s_axi_control_RREADY : in std_logic;
    interrupt : out std_logic);
end entity;

architecture rtl of adder is
  constant LATENCY : natural := 2; -- cycles
  subtype word is std_logic_vector(31 downto 0);

  type write_state is (ADDRESS, DATA, ANSWER);
  signal w : write_state;
  signal r : std_logic; -- an answer to a read waits
  signal waddr, raddr : unsigned(5 downto 0);
  signal do_write, do_read : boolean;
  signal mask, value : word;

  signal start, done, idle, ready, restart, gie, c_there : std_logic;
  signal ier, isr : std_logic_vector(1 downto 0);
  signal a, b, c : word;
  signal left : natural range 0 to LATENCY;
begin
  -- ---- one write at a time: the address, then the data, then the answer; and one read
  s_axi_control_AWREADY <= ap_rst_n when w = ADDRESS else '0';
  s_axi_control_WREADY <= '1' when w = DATA else '0';
  s_axi_control_BVALID <= '1' when w = ANSWER else '0';
  s_axi_control_BRESP <= "00";
  s_axi_control_ARREADY <= ap_rst_n and not r;
  s_axi_control_RVALID <= r;
  s_axi_control_RRESP <= "00";
  do_write <= w = DATA and s_axi_control_WVALID = '1';
  do_read <= ap_rst_n = '1' and r = '0' and s_axi_control_ARVALID = '1';
  raddr <= unsigned(s_axi_control_ARADDR(5 downto 0));
  lanes : for i in 0 to 3 generate
    mask(8 * i + 7 downto 8 * i) <= (others => s_axi_control_WSTRB(i));
  end generate;
  value <= s_axi_control_WDATA and mask;
  interrupt <= gie and (isr(0) or isr(1));

  handshakes : process (ap_clk) begin
    if rising_edge(ap_clk) then
      case w is
        when ADDRESS =>
          waddr <= unsigned(s_axi_control_AWADDR(5 downto 0));
          if s_axi_control_AWVALID = '1' then w <= DATA; end if;
        when DATA =>
          if s_axi_control_WVALID = '1' then w <= ANSWER; end if;
        when ANSWER =>
          if s_axi_control_BREADY = '1' then w <= ADDRESS; end if;
      end case;
      if do_read then
        r <= '1';
      elsif s_axi_control_RREADY = '1' then
        r <= '0';
      end if;
      if ap_rst_n = '0' then
        w <= ADDRESS;
        r <= '0';
      end if;
    end if;
  end process;

  -- ---- registers: what the core does comes last, and wins
  registers : process (ap_clk) begin
    if rising_edge(ap_clk) then
      if do_read then
        s_axi_control_RDATA <= (others => '0');
        case to_integer(raddr) is
          when 16#00# =>
            s_axi_control_RDATA(7 downto 0) <= restart & "000" & ready & idle & done & start;
            done <= '0';
            ready <= '0';
          when 16#04# => s_axi_control_RDATA(0) <= gie;
          when 16#08# => s_axi_control_RDATA(1 downto 0) <= ier;
          when 16#0c# => s_axi_control_RDATA(1 downto 0) <= isr;
          when 16#10# => s_axi_control_RDATA <= a;
          when 16#18# => s_axi_control_RDATA <= b;
          when 16#20# => s_axi_control_RDATA <= c;
          when 16#24# =>
            s_axi_control_RDATA(0) <= c_there;
            c_there <= '0';
          when others => null;
        end case;
      end if;
      if do_write then
        case to_integer(waddr) is
          when 16#00# =>
            start <= start or value(0);
            if mask(7) = '1' then restart <= value(7); end if;
          when 16#04# => if mask(0) = '1' then gie <= value(0); end if;
          when 16#08# => if mask(0) = '1' then ier <= value(1 downto 0); end if;
          when 16#0c# => isr <= isr xor value(1 downto 0);
          when 16#10# => a <= (a and not mask) or value;
          when 16#18# => b <= (b and not mask) or value;
          when others => null;
        end case;
      end if;
      if idle = '1' and start = '1' then
        idle <= '0';
        left <= LATENCY;
      elsif idle = '0' and left /= 0 then
        left <= left - 1;
      elsif idle = '0' then
        c <= std_logic_vector(signed(a) + signed(b));
        c_there <= '1';
        done <= '1';
        ready <= '1';
        idle <= '1';
        start <= restart;
        isr <= isr or ier;
      end if;
      if ap_rst_n = '0' then
        start <= '0'; done <= '0'; idle <= '1'; ready <= '0'; restart <= '0'; gie <= '0'; c_there <= '0';
        ier <= "00"; isr <= "00"; left <= 0;
        a <= (others => '0'); b <= (others => '0'); c <= (others => '0');
      end if;
    end if;
  end process;
end architecture;
