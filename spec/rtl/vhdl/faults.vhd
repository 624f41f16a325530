-- faults.vhd - a slave that fails on purpose, by the address written: 0x10 std.env.finish, 0x14 std.env.stop, 0x18 an
-- assertion (failure), 0x1c a report, 0x20 SLVERR, 0x24 an assertion (error), 0x28 an index that is not there, 0x34 a
-- loop without an end, 0x38 signals that never settle, 0x40 hangs before AWREADY, 0x44 before BVALID, 0x50 an
-- unknown BVALID. A read of 0x48 hangs before RVALID, of 0x54 gives unknown bits, of 0x58 with SLVERR, of others 0x1234.
library ieee;
use ieee.std_logic_1164.all;
use ieee.numeric_std.all;

entity faults is
  port (
    aclk, aresetn : in std_logic;
    s_axi_awaddr : in std_logic_vector(7 downto 0);
    s_axi_awvalid : in std_logic;
    s_axi_awready : out std_logic;
    s_axi_wdata : in std_logic_vector(31 downto 0);
    s_axi_wstrb : in std_logic_vector(3 downto 0);
    s_axi_wvalid : in std_logic;
    s_axi_wready : out std_logic;
    s_axi_bresp : out std_logic_vector(1 downto 0);
    s_axi_bvalid : out std_logic;
    s_axi_bready : in std_logic;
    s_axi_araddr : in std_logic_vector(7 downto 0);
    s_axi_arvalid : in std_logic;
    s_axi_arready : out std_logic;
    s_axi_rdata : out std_logic_vector(31 downto 0);
    s_axi_rresp : out std_logic_vector(1 downto 0);
    s_axi_rvalid : out std_logic;
    s_axi_rready : in std_logic;
    level : out integer; none : out std_logic_vector(-1 downto 0));
end entity;

architecture rtl of faults is
  signal b, r, wr, rd, hang, unstable : std_logic := '0';
  signal waddr, raddr : integer range 0 to 255;
  signal never : unsigned(3 downto 0); -- nobody drives it
  type words is array (0 to 3) of std_logic_vector(31 downto 0);
  signal memory : words;
begin
  level <= to_integer(never) when rising_edge(aclk);
  waddr <= to_integer(unsigned(s_axi_awaddr));
  raddr <= to_integer(unsigned(s_axi_araddr));
  wr <= s_axi_awvalid and s_axi_wvalid and not b when waddr /= 16#40# else '0';
  rd <= s_axi_arvalid and not r and not hang;
  s_axi_awready <= wr;
  s_axi_wready <= wr;
  s_axi_bvalid <= b;
  s_axi_arready <= not r and not hang;
  s_axi_rvalid <= r;
  unstable <= not unstable when waddr = 16#38# and s_axi_awvalid = '1' else '0';

  process (aclk)
    procedure fail is begin
      case waddr is
        when 16#10# => std.env.finish;
        when 16#14# => std.env.stop;
        when 16#18# => assert false report "on purpose" severity failure;
        when 16#1c# => report "hello from VHDL";
        when 16#24# => assert s_axi_wvalid = '0' report "an error on purpose" severity error;
        when 16#28# => memory(waddr) <= s_axi_wdata;
        when 16#34# => loop null; end loop;
        when others => null;
      end case;
    end procedure;
  begin
    if rising_edge(aclk) then
      if aresetn = '0' then
        b <= '0';
        r <= '0';
        hang <= '0';
      else
        if wr = '1' then
          b <= '1';
          s_axi_bresp <= "00";
          if waddr = 16#20# then s_axi_bresp <= "10"; end if;
          if waddr = 16#44# then b <= '0'; end if;
          if waddr = 16#50# then b <= 'X'; end if;
          fail;
        elsif s_axi_bready = '1' then
          b <= '0';
        end if;
        if rd = '1' then
          r <= '1';
          s_axi_rdata <= x"00001234";
          s_axi_rresp <= "00";
          if raddr = 16#48# then r <= '0'; hang <= '1'; end if;
          if raddr = 16#54# then s_axi_rdata <= "-UWZ" & x"000000" & "LHLH"; end if;
          if raddr = 16#58# then s_axi_rdata <= (others => 'X'); s_axi_rresp <= "10"; end if;
        elsif s_axi_rready = '1' then
          r <= '0';
        end if;
      end if;
    end if;
  end process;
end architecture;
